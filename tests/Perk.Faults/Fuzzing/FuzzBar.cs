using Perk.Cli.Terminal;
using Spectre.Console;

namespace Perk.Faults.Fuzzing;

/// <summary>The progress of a run on standard error: a bar on a terminal, elsewhere a line every so many cases.</summary>
/// <param name="task">The bar, or none.</param>
/// <param name="cases">Cases in all.</param>
internal sealed class FuzzBar(ProgressTask? task, int cases) : IProgress<int>
{
    private const int Lines = 10;

    /// <summary>Shows progress while the run goes on.</summary>
    public static async Task<FuzzReport> ShowAsync(FuzzRun run, CancellationToken cancel)
    {
        var cases = run.Shares.Sum();
        if (Console.IsErrorRedirected) return await run.RunAsync(new FuzzBar(null, cases), cancel);
        FuzzReport? report = null;
        await Screen.Error.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context => report = await run.RunAsync(new FuzzBar(context.AddTask("cases", maxValue: cases), cases), cancel));
        return report!;
    }

    /// <inheritdoc/>
    public void Report(int value)
    {
        if (task is not null) task.Value = value;
        else if (value % Math.Max(1, cases / Lines) == 0) Console.Error.WriteLine($"{value}/{cases} cases");
    }
}
