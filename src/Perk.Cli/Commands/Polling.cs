using System.Diagnostics;

namespace Perk.Cli.Commands;

/// <summary>Waits for a blob that another process writes.</summary>
internal static class Polling
{
    /// <summary>Looks every quarter of a second.</summary>
    /// <param name="find">Looks once.</param>
    /// <param name="clock">Runs since the waiting began, which may be for several blobs together.</param>
    /// <param name="patience">When it shows more than this, the time is up.</param>
    /// <param name="cancel">Ends the waiting.</param>
    /// <returns>What was found, or null when the time is up.</returns>
    public static async Task<T?> UntilAsync<T>(Func<Task<T?>> find, Stopwatch clock, TimeSpan patience, CancellationToken cancel)
        where T : class
    {
        while (true)
        {
            if (await find() is { } found) return found;
            if (clock.Elapsed > patience) return null;
            await Task.Delay(TimeSpan.FromMilliseconds(250), cancel);
        }
    }
}
