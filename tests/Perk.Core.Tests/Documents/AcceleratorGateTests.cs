using Perk.Core.Documents;

namespace Perk.Core.Tests.Documents;

public sealed class AcceleratorGateTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_HoweverItEnds_TheGateIsFreeAgain()
    {
        using var gate = AcceleratorGate.Create();
        Assert.Equal(0, await gate.RunAsync(null, () => gate.CurrentCount, Now)); // It is held meanwhile.
        Assert.Equal(1, gate.CurrentCount);
        await Assert.ThrowsAsync<InvalidDataException>(() => gate.RunAsync<int>(null, () => throw new InvalidDataException(), Now));
        Assert.Equal(1, gate.CurrentCount);
    }

    [Fact]
    public async Task Run_CancelledWhileWaiting_ComputesNothing()
    {
        using var gate = AcceleratorGate.Create();
        await gate.WaitAsync(Now);
        using var stop = new CancellationTokenSource();
        var computed = false;
        var waiting = gate.RunAsync(null, () => computed = true, stop.Token);
        Assert.False(waiting.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        gate.Release();
        Assert.Equal((false, 1), (computed, gate.CurrentCount));
    }
}
