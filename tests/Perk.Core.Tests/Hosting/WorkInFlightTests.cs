using Perk.Core.Hosting;

namespace Perk.Core.Tests.Hosting;

public sealed class WorkInFlightTests
{
    [Fact]
    public async Task Stop_WhileWorkRuns_TellsItAndWaitsForItsEnd()
    {
        using var stopping = new CancellationTokenSource();
        var (work, ended) = (new WorkInFlight(stopping.Token), false);
        var running = work.RunAsync(
            async stop =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await Task.Delay(200, CancellationToken.None); // gives back what it holds
                ended = true;
                stop.ThrowIfCancellationRequested();
            },
            CancellationToken.None);
        await stopping.CancelAsync();
        await work.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(ended);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Stop_WorkThatDoesNotEnd_IsWaitedForNoLongerThanTheHostAllows()
    {
        var (work, never) = (new WorkInFlight(CancellationToken.None), new TaskCompletionSource());
        _ = work.RunAsync(_ => never.Task, CancellationToken.None);
        using var allowed = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await work.StopAsync(allowed.Token);
        never.SetResult();
    }
}
