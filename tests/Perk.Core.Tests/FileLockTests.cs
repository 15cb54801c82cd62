namespace Perk.Core.Tests;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Acquire_HeldByAnother_WaitsUntilItIsReleased()
    {
        var first = await FileLock.AcquireAsync(_folder.File("lock"), Now);
        var second = FileLock.AcquireAsync(_folder.File("lock"), Now);
        await Task.Delay(200, Now);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second.WaitAsync(TimeSpan.FromSeconds(5), Now)).Dispose();
    }

    [Fact]
    public async Task Acquire_CancelledWhileWaiting_SaysSo()
    {
        using var held = await FileLock.AcquireAsync(_folder.File("lock"), Now);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FileLock.AcquireAsync(_folder.File("lock"), soon.Token));
    }

    [Fact]
    public async Task Acquire_FolderMissing_FailsAtOnce() =>
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => FileLock.AcquireAsync(_folder.File("no/lock"), Now));
}
