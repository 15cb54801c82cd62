using System.Globalization;
using Perk.Core.Documents;
using Spectre.Console;

namespace Perk.Cli.Terminal;

/// <summary>A progress bar for each document that is being encoded: inner step, loss per token, tokens per second.</summary>
internal sealed class EncodeProgressBars
{
    private readonly ProgressContext _context;

    private EncodeProgressBars(ProgressContext context) => _context = context;

    /// <summary>Shows bars on standard error while the work runs.</summary>
    public static async Task<T> ShowAsync<T>(Func<EncodeProgressBars, Task<T>> work)
    {
        T result = default!;
        await Screen.Error.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context => result = await work(new EncodeProgressBars(context)));
        return result;
    }

    /// <summary>A bar that follows one document.</summary>
    public IProgress<EncodeProgress> Add(string name) => new Bar(_context.AddTask(Markup.Escape(name), maxValue: 1), Markup.Escape(name));

    private sealed class Bar(ProgressTask task, string name) : IProgress<EncodeProgress>
    {
        public void Report(EncodeProgress value)
        {
            task.MaxValue = value.TokensTotal;
            task.Value = value.TokensDone;
            task.Description = string.Create(CultureInfo.InvariantCulture,
                $"{name}  step {value.Step}/{value.Steps}  loss {value.Loss:0.000}  {value.TokensPerSecond:#,0} tokens/s");
        }
    }
}
