using Microsoft.Extensions.Time.Testing;
using Perk.Core.Storage;
using Perk.Tests;

namespace Perk.Core.Tests.Storage;

/// <summary>What every object store must do.</summary>
public abstract class ObjectStoreConformance
{
    protected abstract Task<IObjectStore> StoreAsync();

    protected abstract string Container { get; }

    protected static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OpenRead_NothingThere_IsNull()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "a/b");
        Assert.Null(await store.OpenReadAsync(name, Now));
        Assert.False(await store.ExistsAsync(name, Now));
        await store.WriteAsync(new ObjectName(Container, "a/c"), Bytes("x"), Now);
        Assert.Null(await store.OpenReadAsync(name, Now));
        Assert.Null(await store.OpenReadAsync(new ObjectName(Container, "a"), Now));
        Assert.False(await store.ExistsAsync(new ObjectName(Container, "a"), Now));
    }

    [Fact]
    public async Task Write_Twice_TheSecondIsRead()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "a/b.json");
        await store.WriteAsync(name, Bytes("the first, which is longer"), Now);
        await store.WriteAsync(name, Bytes("second"), Now);
        Assert.Equal(Bytes("second"), await store.ReadAllBytesAsync(name, Now));
        Assert.True(await store.ExistsAsync(name, Now));
    }

    [Fact]
    public async Task Write_WhileAReaderIsInTheMiddle_TheReaderSeesNoMixture()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "a");
        await store.WriteAsync(name, Bytes("old old old"), Now);
        await using (var reader = await store.OpenReadAsync(name, Now))
        {
            var start = new byte[4];
            await reader!.ReadExactlyAsync(start, Now);
            await store.WriteAsync(name, Bytes("new new new"), Now);
            using var rest = new StreamReader(reader);
            Assert.Equal("old old", await rest.ReadToEndAsync(Now));
        }

        Assert.Equal(Bytes("new new new"), await store.ReadAllBytesAsync(name, Now));
    }

    [Fact]
    public async Task TryCreate_Twice_OnlyTheFirstCounts()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "x/manifest.json");
        Assert.True(await store.TryCreateAsync(name, Bytes("one"), Now));
        Assert.False(await store.TryCreateAsync(name, Bytes("two"), Now));
        Assert.Equal(Bytes("one"), await store.ReadAllBytesAsync(name, Now));
    }

    [Fact]
    public async Task TryCreate_ManyAtOnce_ExactlyOneWinsAndItsBytesStay()
    {
        var store = await StoreAsync();
        for (var round = 0; round < 20; round++)
        {
            var name = new ObjectName(Container, $"race/{round}");
            using var barrier = new Barrier(8);
            var created = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait(Now);
                    return store.TryCreateAsync(name, new[] { (byte)i }, Now);
                },
                Now,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).Unwrap()));
            var winner = Assert.Single(Enumerable.Range(0, 8), i => created[i]);
            Assert.Equal(new[] { (byte)winner }, await store.ReadAllBytesAsync(name, Now));
        }
    }

    [Fact]
    public async Task Write_Empty_IsThereAndEmpty()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "empty");
        await store.WriteAsync(name, ReadOnlyMemory<byte>.Empty, Now);
        Assert.True(await store.ExistsAsync(name, Now));
        Assert.Equal(Bytes(""), await store.ReadAllBytesAsync(name, Now));
        Assert.True(await store.TryCreateAsync(new ObjectName(Container, "empty2"), ReadOnlyMemory<byte>.Empty, Now));
        Assert.Equal(Bytes(""), await store.ReadAllBytesAsync(new ObjectName(Container, "empty2"), Now));
    }

    [Fact]
    public async Task Write_FiveMegabytesFromAStream_ComesBackSeekable()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "big/content");
        var bytes = new byte[5_000_001];
        new Random(5).NextBytes(bytes);
        using var source = new MemoryStream(bytes);
        source.Position = 1;
        await store.WriteAsync(name, source, Now);
        Assert.Equal(bytes.AsMemory(1), (await store.ReadAllBytesAsync(name, Now))!);

        await using var stream = await store.OpenReadAsync(name, Now);
        Assert.True(stream!.CanSeek);
        Assert.Equal(5_000_000, stream.Length);
        stream.Position = 4_500_000;
        var tail = new byte[500_000];
        await stream.ReadExactlyAsync(tail, Now);
        Assert.Equal(bytes[4_500_001..], tail);
    }

    [Fact]
    public async Task List_ByPrefix_OrdinalOrderAndNothingElse()
    {
        var store = await StoreAsync();
        string[] paths =
            ["default/b", "default/a/manifest.json", "default/a-1", "default/B", "defaulted/a", "other/a", "default/_"];
        foreach (var path in paths) await store.WriteAsync(new ObjectName(Container, path), Bytes(path), Now);

        Assert.Equal(
            ["default/B", "default/_", "default/a-1", "default/a/manifest.json", "default/b"],
            await store.ListAsync(Container, "default/", Now).ToListAsync(Now));
        Assert.Equal(
            ["default/a-1", "default/a/manifest.json"],
            await store.ListAsync(Container, "default/a", Now).ToListAsync(Now));
        Assert.Equal(7, await store.ListAsync(Container, "", Now).CountAsync(Now));
        Assert.Empty(await store.ListAsync(Container, "nothing/", Now).ToListAsync(Now));
        Assert.Empty(await store.ListAsync("no-such-container", "", Now).ToListAsync(Now));
    }

    [Fact]
    public async Task Delete_ThereAndNotThere_SaysWhich()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "a/b");
        Assert.False(await store.DeleteAsync(name, Now));
        await store.WriteAsync(name, Bytes("x"), Now);
        Assert.True(await store.DeleteAsync(name, Now));
        Assert.False(await store.ExistsAsync(name, Now));
        Assert.Empty(await store.ListAsync(Container, "", Now).ToListAsync(Now));
        Assert.True(await store.TryCreateAsync(name, Bytes("y"), Now));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("/etc/")]
    [InlineData("a//")]
    [InlineData("a\\b")]
    public async Task List_HostilePrefix_IsRefused(string prefix)
    {
        var store = await StoreAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => store.ListAsync(Container, prefix, Now).CountAsync(Now).AsTask());
    }

    [Fact]
    public async Task EveryMethod_Cancelled_SaysSoAndLeavesNothing()
    {
        var store = await StoreAsync();
        var cancelled = new CancellationToken(canceled: true);
        var name = new ObjectName(Container, "a/b");
        await store.WriteAsync(new ObjectName(Container, "there"), Bytes("x"), Now);
        await Cancelled(() => store.WriteAsync(name, Bytes("x"), cancelled));
        await Cancelled(() => store.WriteAsync(name, new MemoryStream([1]), cancelled));
        await Cancelled(() => store.TryCreateAsync(name, Bytes("x"), cancelled));
        await Cancelled(() => store.OpenReadAsync(new ObjectName(Container, "there"), cancelled));
        await Cancelled(() => store.ExistsAsync(name, cancelled));
        await Cancelled(() => store.DeleteAsync(new ObjectName(Container, "there"), cancelled));
        await Cancelled(() => store.ListAsync(Container, "", cancelled).CountAsync(cancelled).AsTask());
        Assert.Equal(["there"], await store.ListAsync(Container, "", Now).ToListAsync(Now));

        static async Task Cancelled(Func<Task> act) => await Assert.ThrowsAnyAsync<OperationCanceledException>(act);
    }

    [Fact]
    public async Task TryReplace_TheVersionThatWasRead_OnceAndNeverAnOlderOne()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "records/a.json");
        Assert.Null(await store.ReadAsync(name, Now));
        Assert.Null(await store.TryReplaceAsync(name, Bytes("x"), "\"0x1\"", null, Now));
        Assert.False(await store.ExistsAsync(name, Now));
        await store.WriteAsync(name, Bytes("one"), Now);
        var one = (await store.ReadAsync(name, Now))!;
        var two = await store.TryReplaceAsync(name, Bytes("two"), one.Version, null, Now);
        Assert.NotNull(two);
        Assert.Null(await store.TryReplaceAsync(name, Bytes("three"), one.Version, null, Now));
        Assert.Equal(Bytes("two"), (await store.ReadAsync(name, Now))!.Content);
        Assert.Equal(two, (await store.ReadAsync(name, Now))!.Version);
        Assert.NotNull(await store.TryReplaceAsync(name, Bytes("three"), two, null, Now));
    }

    [Fact]
    public async Task TryReplace_ManyAtOnce_ExactlyOneWins()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "records/race.json");
        await store.WriteAsync(name, Bytes("old"), Now);
        var old = (await store.ReadAsync(name, Now))!.Version;
        var versions = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => store.TryReplaceAsync(name, new[] { (byte)i }, old, null, Now), Now)));
        var winner = Assert.Single(Enumerable.Range(0, 8), i => versions[i] is not null);
        Assert.Equal(new[] { (byte)winner }, (await store.ReadAsync(name, Now))!.Content);
    }

    [Fact]
    public async Task TryLease_Held_NobodyElseWritesRemovesOrLeases()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "records/leased.json");
        Assert.Null(await store.TryLeaseAsync(name, Lease, Now)); // There is no such object.
        await store.WriteAsync(name, Bytes("old"), Now);
        var lease = (await store.TryLeaseAsync(name, Lease, Now))!;
        Assert.Null(await store.TryLeaseAsync(name, Lease, Now));
        var version = (await store.ReadAsync(name, Now))!.Version;
        Assert.Null(await store.TryReplaceAsync(name, Bytes("zombie"), version, null, Now));
        Assert.Null(await store.TryReplaceAsync(name, Bytes("zombie"), version, Guid.NewGuid().ToString(), Now));
        await Assert.ThrowsAsync<ObjectLeasedException>(() => store.WriteAsync(name, Bytes("zombie"), Now));
        await Assert.ThrowsAsync<ObjectLeasedException>(() => store.DeleteAsync(name, Now));
        Assert.False(await store.TryCreateAsync(name, Bytes("zombie"), Now));
        Assert.False(await store.TryRenewAsync(name, Guid.NewGuid().ToString(), Now));
        await store.ReleaseAsync(name, Guid.NewGuid().ToString(), Now);
        Assert.Equal(Bytes("old"), await store.ReadAllBytesAsync(name, Now));

        var next = await store.TryReplaceAsync(name, Bytes("new"), version, lease, Now);
        Assert.NotNull(next);
        Assert.True(await store.TryRenewAsync(name, lease, Now));
        await store.ReleaseAsync(name, lease, Now);
        Assert.Null(await store.TryReplaceAsync(name, Bytes("late"), next, lease, Now)); // A lease that was given back counts no longer.
        Assert.False(await store.TryRenewAsync(name, lease, Now));
        Assert.NotNull(await store.TryReplaceAsync(name, Bytes("free"), next, null, Now));
        Assert.True(await store.DeleteAsync(name, Now));
    }

    [Fact]
    public async Task TryLease_NotRenewed_RunsOutAndTheNextHolderShutsTheFirstOut()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "records/lost.json");
        await store.WriteAsync(name, Bytes("old"), Now);
        var first = (await store.TryLeaseAsync(name, Lease, Now))!;
        await LaterAsync(Lease / 2);
        Assert.True(await store.TryRenewAsync(name, first, Now));
        await LaterAsync(Lease / 2 + TimeSpan.FromSeconds(1));
        Assert.Null(await store.TryLeaseAsync(name, Lease, Now));
        await LaterAsync(Lease / 2);
        var second = (await store.TryLeaseAsync(name, Lease, Now))!;
        var version = (await store.ReadAsync(name, Now))!.Version;
        Assert.False(await store.TryRenewAsync(name, first, Now));
        Assert.Null(await store.TryReplaceAsync(name, Bytes("zombie"), version, first, Now));
        Assert.NotNull(await store.TryReplaceAsync(name, Bytes("new"), version, second, Now));
    }

    /// <summary>The shortest that Azure gives.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    /// <summary>Lets the store's clock go on.</summary>
    protected abstract Task LaterAsync(TimeSpan span);

    protected static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}

public sealed class DirectoryStoreTests : ObjectStoreConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    protected override string Container => "documents";

    protected override Task<IObjectStore> StoreAsync() => Task.FromResult<IObjectStore>(new DirectoryStore(_folder.Path, _time));

    protected override Task LaterAsync(TimeSpan span)
    {
        _time.Advance(span);
        return Task.CompletedTask;
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_AnObject_LiesUnderContainerAndPath()
    {
        var store = await StoreAsync();
        await store.WriteAsync(new ObjectName("answers", "default/q.json"), Bytes("42"), Now);
        Assert.Equal("42", await File.ReadAllTextAsync(Path.Combine(_folder.Path, "answers", "default", "q.json"), Now));
    }

    [Fact]
    public async Task Write_TheSourceFailsHalfWay_NothingIsThereAndTheOldStays()
    {
        var store = await StoreAsync();
        var name = new ObjectName(Container, "a");
        await store.WriteAsync(name, Bytes("old"), Now);
        await Assert.ThrowsAsync<InvalidDataException>(() => store.WriteAsync(name, new BrokenStream(), Now));
        Assert.Equal(Bytes("old"), await store.ReadAllBytesAsync(name, Now));
        var file = Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
        Assert.Equal(Path.Combine(_folder.Path, "documents", "a"), file);
    }

    private sealed class BrokenStream : MemoryStream
    {
        private bool _begun;

        public BrokenStream() : base(new byte[10])
        {
        }

        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            if (_begun) throw new InvalidOperationException("read twice");
            _begun = true;
            await destination.WriteAsync(new byte[5], cancellationToken);
            throw new InvalidDataException("half way");
        }
    }
}

public sealed class BlobStoreTests(AzuriteFixture azurite) : ObjectStoreConformance
{
    protected override string Container { get; } = azurite.UniqueName("blobs");

    protected override async Task<IObjectStore> StoreAsync() => (await azurite.AccountAsync()).Objects;

    protected override Task LaterAsync(TimeSpan span) => Task.Delay(span, Now);
}
