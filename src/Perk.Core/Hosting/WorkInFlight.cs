using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace Perk.Core.Hosting;

/// <summary>Work that must not be cut off where a process stops: it is told to stop, and the process waits until it has given back what it holds.</summary>
/// <remarks>
/// The Functions worker's own token says nothing of a stop of the worker: a function that runs then would be cut off in the midst of a
/// micro-batch, and its job would have to wait for its lease to run out.
/// </remarks>
/// <param name="stopping">Cancelled when the process stops.</param>
public sealed class WorkInFlight(CancellationToken stopping) : IHostedService
{
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    /// <summary>Does some work; its token is cancelled where the process stops, too.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancel">The caller's token.</param>
    public async Task RunAsync(Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, stopping);
        var running = work(stop.Token);
        _running.TryAdd(running, 0);
        try
        {
            await running;
        }
        finally
        {
            _running.TryRemove(running, out _);
        }
    }

    /// <summary>Waits until nothing runs any more, whatever comes of it.</summary>
    public Task WhenDoneAsync() => Task.WhenAll(_running.Keys.Select(async running => await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing)));

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken) =>
        await WhenDoneAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
