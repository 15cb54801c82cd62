using System.Globalization;
using Perk.Core.Evaluation;
using Spectre.Console;

namespace Perk.Cli.Terminal;

/// <summary>The progress of an evaluation on standard error: a bar on a terminal, elsewhere a line for each context.</summary>
internal sealed class EvaluationBar : IProgress<EvaluationProgress>
{
    private readonly ProgressTask? _task;
    private int _context = -1;

    private EvaluationBar(ProgressTask? task) => _task = task;

    /// <summary>Shows progress while the work runs on another thread.</summary>
    public static async Task ShowAsync(string name, Action<EvaluationBar> work)
    {
        if (Console.IsErrorRedirected)
        {
            await Task.Run(() => work(new EvaluationBar(null)));
            return;
        }

        await Screen.Error.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => Task.Run(() => work(new EvaluationBar(context.AddTask(Markup.Escape(name), maxValue: 1)))));
    }

    /// <inheritdoc/>
    public void Report(EvaluationProgress value)
    {
        if (_task is not null)
        {
            var (tokens, speed) = value.Encoding is { } encoding
                ? ((double)encoding.TokensDone / encoding.TokensTotal, string.Create(CultureInfo.InvariantCulture, $"  {encoding.TokensPerSecond:#,0} tokens/s"))
                : (1, "");
            _task.MaxValue = value.Contexts;
            // Encoding takes most of a context's time where there is any.
            _task.Value = Math.Max(_task.Value, value.Context + 0.8 * tokens);
            _task.Description = Markup.Escape($"context {value.Context + 1}/{value.Contexts}  {value.Doing}{speed}");
        }
        else if (value.Context != _context)
        {
            Console.Error.WriteLine($"context {value.Context + 1}/{value.Contexts}");
        }

        _context = value.Context;
    }
}
