using System.Globalization;
using Perk.Core.Documents;
using Spectre.Console;

namespace Perk.Cli.Terminal;

/// <summary>
/// The progress of each document that is being encoded, on standard error: a bar on a terminal, elsewhere a line for each
/// inner step.
/// </summary>
internal sealed class EncodeProgressBars
{
    private readonly ProgressContext? _context;

    private EncodeProgressBars(ProgressContext? context) => _context = context;

    /// <summary>Shows progress while the work runs.</summary>
    public static async Task<T> ShowAsync<T>(Func<EncodeProgressBars, Task<T>> work)
    {
        if (Console.IsErrorRedirected) return await work(new EncodeProgressBars(null));
        T result = default!;
        await Screen.Error.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context => result = await work(new EncodeProgressBars(context)));
        return result;
    }

    /// <summary>Follows one document.</summary>
    public EncodeProgressBar Add(string name) =>
        new(name, _context?.AddTask(Markup.Escape(name), maxValue: 1));
}

/// <summary>The progress of one document.</summary>
internal sealed class EncodeProgressBar(string name, ProgressTask? task) : IProgress<EncodeProgress>
{
    /// <inheritdoc/>
    public void Report(EncodeProgress value)
    {
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{name}  step {value.Step}/{value.Steps}  loss {value.Loss:0.000}  {value.TokensPerSecond:#,0} tokens/s");
        if (task is not null)
        {
            task.MaxValue = value.TokensTotal;
            task.Value = value.TokensDone;
            task.Description = Markup.Escape(line);
        }
        else if (value.TokensDone * value.Steps == value.TokensTotal * value.Step)
        {
            Console.Error.WriteLine(line);
        }
    }

    /// <summary>Ends the bar of a document that needs no steps, or can take no more.</summary>
    /// <param name="why">In a word or two.</param>
    /// <param name="whole">Whether the bar is filled: the adapter is there.</param>
    public void End(string why, bool whole)
    {
        if (task is null) return;
        if (whole) task.Value = task.MaxValue;
        task.Description = Markup.Escape($"{name}  {why}");
        task.StopTask();
    }
}
