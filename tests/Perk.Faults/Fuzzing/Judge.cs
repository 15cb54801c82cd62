using System.Diagnostics;
using System.Globalization;
using Perk.Core;
using static TorchSharp.torch;

namespace Perk.Faults.Fuzzing;

/// <summary>Runs cases, one after another, and says what is wrong with the way each ended.</summary>
internal sealed class Judge
{
    /// <summary>The longest message of a refusal, in characters: people have to read it.</summary>
    private const int LongestMessage = 4000;

    private const long MostMemory = 256L << 20;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);
    private long _peak = PeakMemory.Bytes();

    /// <summary>Runs a case on this thread.</summary>
    /// <param name="family">Whose reader is asked.</param>
    /// <param name="input">The input.</param>
    /// <param name="isValid">Whether it must be accepted.</param>
    public Verdict Try(Family family, Sample input, bool isValid)
    {
        var (managed, tensors) = (GC.GetAllocatedBytesForCurrentThread(), family.HoldsTensors ? Tensor.TotalCount : 0);
        var clock = Stopwatch.StartNew();
        var verdict = Read(family, input);
        clock.Stop();
        var allocated = Math.Max(GC.GetAllocatedBytesForCurrentThread() - managed, family.HoldsTensors ? Growth() : 0);
        if (verdict.Fault is not null) return verdict;
        var left = family.HoldsTensors ? Tensor.TotalCount - tensors : 0;
        var fault = isValid && !verdict.Accepted ? "a valid sample is refused"
            : clock.Elapsed > Slow ? string.Create(CultureInfo.InvariantCulture, $"took {clock.Elapsed.TotalSeconds:0.0} s")
            : allocated > MostMemory + 8 * input.Length ? $"took {allocated >> 20} MB for an input of {input.Length} bytes"
            : left > 0 ? $"left {left} tensor(s) behind"
            : null;
        return verdict with { Fault = fault };
    }

    /// <summary>By how much the process has grown beyond what it ever was; asked for after each case, since asking takes its time.</summary>
    private long Growth()
    {
        var (before, now) = (_peak, PeakMemory.Bytes());
        _peak = now;
        return now - before;
    }

    private static Verdict Read(Family family, Sample input)
    {
        try
        {
            return new Verdict(family.Read(input), null, null);
        }
        catch (UnusableException e)
        {
            return new Verdict(true, null, $"was accepted, but {e.Message}{Where(e.InnerException)}");
        }
        catch (Exception e)
        {
            return new Verdict(false, e.GetType().Name, FaultOf(family, e));
        }
    }

    private static string? FaultOf(Family family, Exception e) =>
        !family.IsRefusal(e) ? $"throws {e.GetType().Name}: {e.Message}{Where(e)}"
        : string.IsNullOrWhiteSpace(e.Message) ? $"refuses by {e.GetType().Name} without a message"
        : e.Message.Length > LongestMessage ? $"refuses with a message of {e.Message.Length} characters: {e.Message[..200]}…"
        : !family.NamesInput(e) ? $"refuses without naming file or field: {e.Message}"
        : null;

    /// <summary>The innermost places in this product's sources that an exception came through.</summary>
    private static string Where(Exception? e) => e is null ? "" : string.Concat(
        (e.StackTrace ?? "").Split('\n').Where(line => line.Contains("Perk.C", StringComparison.Ordinal)).Take(2).Select(line => "\n      " + line.Trim()));
}
