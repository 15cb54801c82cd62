using System.Globalization;
using Spectre.Console;

namespace Perk.Cli.Terminal;

/// <summary>Shows on standard error how many of many things are done: a bar on a terminal, elsewhere a line for each hundred.</summary>
internal static class CountBar
{
    private const int EachLine = 100;

    /// <summary>Shows progress while the work runs.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="total">How many there are.</param>
    /// <param name="work">The work; it calls what it is given, from any thread, when one is done.</param>
    public static async Task ShowAsync(string name, int total, Func<Action, Task> work)
    {
        if (!Console.IsErrorRedirected)
        {
            await Screen.Error.Progress()
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(async context =>
                {
                    var bar = context.AddTask(Markup.Escape(name), maxValue: total);
                    await work(() => bar.Increment(1));
                });
            return;
        }

        var done = 0;
        await work(() =>
        {
            if (Interlocked.Increment(ref done) is var n && n % EachLine == 0) Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {n} of {total}"));
        });
    }
}
