using System.Globalization;
using Perk.Core.Training;
using Spectre.Console;

namespace Perk.Cli.Terminal;

/// <summary>The progress of a training on standard error: a bar on a terminal, elsewhere a line every so many steps.</summary>
internal sealed class TrainingBar : IProgress<TrainingMetric>
{
    private const int LineEvery = 20;

    private readonly ProgressTask? _task;
    private readonly Queue<double> _losses = new();

    private TrainingBar(ProgressTask? task) => _task = task;

    /// <summary>Shows progress while the work runs on another thread.</summary>
    public static Task ShowAsync(int steps, Action<TrainingBar> work) => StepBar.ShowAsync("training", steps, task => new TrainingBar(task), work);

    /// <inheritdoc/>
    public void Report(TrainingMetric value)
    {
        if (value.Loss is { } loss) _losses.Enqueue(loss);
        if (_losses.Count > LineEvery) _losses.Dequeue();
        var mean = _losses.Count > 0 ? _losses.Average() : double.NaN;
        var right = value.Validation is { } tasks
            ? "  right " + string.Join(" ", tasks.Select(t => string.Create(CultureInfo.InvariantCulture, $"{t.Key} {100 * t.Value:0}%")))
            : "";
        var line = string.Create(CultureInfo.InvariantCulture,
            $"step {value.Step}  loss {mean:0.000}  norm {value.Norm:0.00}{(value.Skipped ? " skipped" : "")}  {value.Tokens / Math.Max(1e-9, value.Seconds):#,0} tokens/s{right}");
        if (_task is not null)
        {
            _task.Value = value.Step;
            if (value.Validation is null) _task.Description = Markup.Escape(line);
            else Screen.Error.MarkupLine(Markup.Escape(line));
        }
        else if (value.Step % LineEvery == 0 || value.Validation is not null)
        {
            Console.Error.WriteLine(line);
        }
    }
}
