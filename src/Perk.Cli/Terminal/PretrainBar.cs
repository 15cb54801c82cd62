using System.Globalization;
using System.Text.Json;
using Perk.Core;
using Perk.Core.MetaLearning;
using Perk.Core.Training;
using Spectre.Console;

namespace Perk.Cli.Terminal;

/// <summary>The progress of a pretraining on standard error: a bar on a terminal, elsewhere a line every so many steps.</summary>
internal sealed class PretrainBar : IProgress<PretrainMetric>
{
    private const int LineEvery = 20;

    private readonly ProgressTask? _task;
    private readonly Queue<PretrainMetric> _last = new();

    private PretrainBar(ProgressTask? task) => _task = task;

    /// <summary>Shows progress while the work runs on another thread.</summary>
    public static Task ShowAsync(PretrainRecipe recipe, Action<PretrainBar> work) =>
        StepBar.ShowAsync(recipe.Name, recipe.Steps, task => new PretrainBar(task), work);

    /// <inheritdoc/>
    public void Report(PretrainMetric value)
    {
        _last.Enqueue(value);
        if (_last.Count > LineEvery) _last.Dequeue();
        if (_task is not null)
        {
            _task.Value = value.Step;
            _task.Description = Markup.Escape(Line(value));
        }
        else if (value.Step % LineEvery == 0)
        {
            Console.Error.WriteLine(Line(value) + string.Concat(Kinds()));
        }
    }

    private string Line(PretrainMetric value) => string.Create(CultureInfo.InvariantCulture,
        $"step {value.Step}  loss {_last.Select(m => m.Loss).OfType<double>().DefaultIfEmpty(double.NaN).Average():0.000}{(value.Skipped ? " skipped" : "")}"
        + $"  {_last.Sum(m => m.Tokens) / Math.Max(1e-9, _last.Sum(m => m.Seconds)):#,0} tokens/s");

    private IEnumerable<string> Kinds() => _last.SelectMany(m => m.Kinds).GroupBy(k => k.Key, k => k.Value).OrderBy(g => g.Key).Select(kind =>
        string.Create(CultureInfo.InvariantCulture,
            $"  {JsonSerializer.Serialize(kind.Key, Json.Compact).Trim('"')} {kind.Average(k => k.Loss):0.00}/{100.0 * kind.Sum(k => k.Right) / kind.Sum(k => k.Sequences):0}%"));
}
