using System.Diagnostics;

namespace Perk.Cli.Commands;

/// <summary>Waits for a blob that another process writes.</summary>
internal static class Polling
{
    /// <summary>Looks every quarter of a second.</summary>
    /// <returns>What was found, or null when the time is up.</returns>
    public static async Task<T?> UntilAsync<T>(Func<Task<T?>> find, TimeSpan patience, CancellationToken cancel)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await find() is { } found) return found;
            if (clock.Elapsed > patience) return null;
            await Task.Delay(TimeSpan.FromMilliseconds(250), cancel);
        }
    }
}
