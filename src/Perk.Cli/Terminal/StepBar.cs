using Spectre.Console;

namespace Perk.Cli.Terminal;

/// <summary>Shows the steps of a long computation on standard error: a bar on a terminal, elsewhere what its progress writes itself.</summary>
internal static class StepBar
{
    /// <summary>Shows progress while the work runs on another thread.</summary>
    /// <param name="name">What is computed.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="create">The progress, over the bar or over none.</param>
    /// <param name="work">The work.</param>
    public static async Task ShowAsync<T>(string name, int steps, Func<ProgressTask?, T> create, Action<T> work)
    {
        if (Console.IsErrorRedirected)
        {
            await Task.Run(() => work(create(null)));
            return;
        }

        await Screen.Error.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context => Task.Run(() => work(create(context.AddTask(name, maxValue: steps)))));
    }
}
