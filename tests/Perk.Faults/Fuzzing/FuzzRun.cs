using System.Diagnostics;

namespace Perk.Faults.Fuzzing;

/// <summary>Tries damaged inputs on every reader.</summary>
/// <param name="families">The kinds of inputs.</param>
/// <param name="options">How many, and which.</param>
/// <param name="journal">Where the running case is noted.</param>
internal sealed class FuzzRun(IReadOnlyList<Family> families, FuzzOptions options, CaseJournal journal)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private readonly FamilyTally[] _tallies = [.. families.Select(family => new FamilyTally(family.Name))];

    /// <summary>The cases of each family: its share of all, or the one asked for.</summary>
    public IReadOnlyList<int> Shares { get; } = options.Only is null ? Shared(families, options.Cases) : [.. families.Select(_ => 1)];

    /// <summary>Runs all cases on a thread of its own; one that does not end ends the run.</summary>
    /// <param name="progress">Is told how many cases are done.</param>
    /// <param name="cancel">Ends the run after the case that runs.</param>
    public async Task<FuzzReport> RunAsync(IProgress<int>? progress, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        // Dispose scopes are the thread's, and a case that hangs must not keep the process.
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Work(done, progress, cancel)) { IsBackground = true, Name = "fuzz" };
        thread.Start();
        while (await Task.WhenAny(done.Task, Task.Delay(Look, CancellationToken.None)) != done.Task)
        {
            if (journal.Running is not var (family, number, time) || time < options.Patience) continue;
            var index = families.Index().First(f => f.Item.Name == family).Index;
            _tallies[index].Add(number, new Verdict(false, null, $"did not end within {options.Patience.TotalSeconds:0} s; the run was given up"));
            return Report(clock);
        }

        await done.Task;
        return Report(clock);
    }

    /// <summary>By weight; what rounding leaves goes to the first.</summary>
    private static int[] Shared(IReadOnlyList<Family> families, int cases)
    {
        var all = families.Sum(family => family.Weight);
        int[] shares = [.. families.Select(family => (int)((long)cases * family.Weight / all))];
        shares[0] += cases - shares.Sum();
        return shares;
    }

    private void Work(TaskCompletionSource done, IProgress<int>? progress, CancellationToken cancel)
    {
        try
        {
            var (cases, judge) = (0, new Judge());
            foreach (var (index, family) in families.Index())
            {
                for (var i = 0; i < Shares[index]; i++)
                {
                    cancel.ThrowIfCancellationRequested();
                    var number = options.Only ?? i;
                    var input = FuzzCase.Draw(family, options.Seed, number);
                    journal.Begin(family.Name, number);
                    var verdict = judge.Try(family, input, isValid: number < family.Samples.Count);
                    journal.End();
                    _tallies[index].Add(number, verdict);
                    progress?.Report(++cases);
                }
            }

            done.SetResult();
        }
        catch (OperationCanceledException)
        {
            done.SetCanceled(cancel);
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private FuzzReport Report(Stopwatch clock) => new(options.Seed, [.. _tallies.Select(tally => tally.Report())], clock.Elapsed.TotalSeconds);
}
