using System.Globalization;
using Perk.Core.MetaLearning;
using Spectre.Console;

namespace Perk.Cli.Terminal;

/// <summary>Bytes on their way, on standard error: a bar with amount, speed and remaining time on a terminal, elsewhere a line for each tenth.</summary>
internal sealed class TransferBar : IProgress<ModelProgress>
{
    private readonly string _name;
    private readonly ProgressTask? _task;
    private long _tenths;

    private TransferBar(string name, ProgressTask? task) => (_name, _task) = (name, task);

    /// <summary>Shows progress while the work runs.</summary>
    /// <param name="name">What is sent.</param>
    /// <param name="work">The work; it reports to what it is given, one report after the other.</param>
    public static async Task<T> ShowAsync<T>(string name, Func<TransferBar, Task<T>> work)
    {
        if (Console.IsErrorRedirected) return await work(new TransferBar(name, null));
        T result = default!;
        await Screen.Error.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(),
                new RemainingTimeColumn())
            .StartAsync(async context => result = await work(new TransferBar(name, context.AddTask(Markup.Escape(name), maxValue: 1))));
        return result;
    }

    /// <summary>An amount of bytes as people read it.</summary>
    public static string Amount(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):#,0.0} MiB");

    /// <inheritdoc/>
    public void Report(ModelProgress value)
    {
        if (_task is not null)
        {
            _task.MaxValue = value.Total;
            _task.Value = value.Done;
        }
        else if (value.Done * 10 / Math.Max(1, value.Total) is var tenths && tenths > _tenths)
        {
            _tenths = tenths;
            Console.Error.WriteLine($"{_name}: {Amount(value.Done)} of {Amount(value.Total)}");
        }
    }
}
