using System.Diagnostics;
using System.Globalization;
using Perk.Core.Tensors;
using Spectre.Console;
using static TorchSharp.torch;

namespace Perk.Bench;

/// <summary>
/// Rates of encoding and of an outer step, as shares of this machine's matrix-product rate measured in the same run. One model, type
/// and kind of work a process, so that peak memory is that work's: <c>Perk.Bench [SHAPE TYPE]</c>, without arguments all of them.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        NativeTorch.EnsureLoaded();
        if (args is ["memory"])
        {
            AnsiConsole.Write(Table("tokens", "peak MiB added", "estimated MiB", "tokens/s").WithRows(
                Enumerable.Range(1, 6).Select(k => 1 << k).Select(k => InProcess(["memory", $"{k << 10}"]))));
            return 0;
        }

        if (args is ["memory", var tokens])
        {
            Console.WriteLine(MemoryOf(int.Parse(tokens, CultureInfo.InvariantCulture)));
            return 0;
        }

        if (args.Length == 2)
        {
            Console.WriteLine(Measure(Shape.All[int.Parse(args[0], CultureInfo.InvariantCulture)], Enum.Parse<ScalarType>(args[1])));
            return 0;
        }

        if (args.Length != 0)
        {
            Console.Error.WriteLine("usage: Perk.Bench            all shapes and types, each in a process of its own");
            Console.Error.WriteLine("       Perk.Bench memory     peak memory of encoding 2K to 64K tokens");
            Console.Error.WriteLine($"       Perk.Bench N TYPE     one of {string.Join(", ", Shape.All.Select((s, i) => $"{i} ({s.Name})"))}; Float32 or BFloat16");
            return 2;
        }

        var table = Table(
            "model", "type", "matrix product GFLOP/s", "encode tokens/s", "share", "outer step tokens/s", "peak MiB encode", "peak MiB outer step");
        AnsiConsole.Profile.Width = 200;
        AnsiConsole.Write(table.WithRows(
            from shape in Enumerable.Range(0, Shape.All.Count)
            from type in new[] { ScalarType.Float32, ScalarType.BFloat16 }
            select InProcess([$"{shape}", $"{type}"])));
        return 0;
    }

    private static Table Table(params string[] columns) => new Table().Border(TableBorder.Markdown).AddColumns(columns);

    private static Table WithRows(this Table table, IEnumerable<string> rows)
    {
        foreach (var row in rows) table.AddRow(row.Split('|'));
        return table;
    }

    /// <summary>One inner step of stories260K over so many tokens, 16 segments in a micro-batch.</summary>
    private static string MemoryOf(int tokens)
    {
        using var work = new Work(Shape.All[0] with { Segments = tokens / 256 }, ScalarType.Float32);
        var before = Process.GetCurrentProcess().PeakWorkingSet64;
        var clock = Stopwatch.StartNew();
        work.OneStep(16);
        var peak = Process.GetCurrentProcess().PeakWorkingSet64 - before;
        return string.Create(CultureInfo.InvariantCulture,
            $"{tokens:#,0}|{peak >> 20}|{work.EstimatedBytes(16) >> 20}|{tokens / clock.Elapsed.TotalSeconds:#,0}");
    }

    private static string InProcess(string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        var row = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? row : throw new InvalidOperationException($"The process for {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    private static string Measure(Shape shape, ScalarType type)
    {
        var peak = MatrixProductRate(type);
        using var work = new Work(shape, type);
        var before = Process.GetCurrentProcess().PeakWorkingSet64;
        var encode = work.Tokens / Seconds(work.Encode);
        var encodePeak = Process.GetCurrentProcess().PeakWorkingSet64 - before;
        var outer = work.Tokens * 2 / Seconds(work.OuterStep);
        var outerPeak = Process.GetCurrentProcess().PeakWorkingSet64 - before;
        var share = encode * work.EncodeOperationsPerToken / peak;
        return string.Create(CultureInfo.InvariantCulture,
            $"{shape.Name}|{type}|{peak / 1e9:0}|{encode:#,0}|{share:P0}|{outer:#,0}|{encodePeak >> 20}|{outerPeak >> 20}");
    }

    /// <summary>Multiplications and additions a second in products of 2,048 × 2,048 matrices.</summary>
    private static double MatrixProductRate(ScalarType type)
    {
        const int n = 2048;
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var (a, b) = (randn(n, n, type), randn(n, n, type));
        return 2.0 * n * n * n / Seconds(() => a.mm(b).Dispose());
    }

    /// <summary>The best of several runs after one to warm up: other work on the machine only slows.</summary>
    private static double Seconds(Action work)
    {
        work();
        var best = double.MaxValue;
        var all = Stopwatch.StartNew();
        for (var i = 0; i < 3 || (i < 20 && all.Elapsed.TotalSeconds < 5); i++)
        {
            var clock = Stopwatch.StartNew();
            work();
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
        }

        return best;
    }
}
