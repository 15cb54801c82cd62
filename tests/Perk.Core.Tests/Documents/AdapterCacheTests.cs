using Perk.Core.Documents;
using Perk.Core.Lora;

namespace Perk.Core.Tests.Documents;

public sealed class AdapterCacheTests : IDisposable
{
    private static readonly long One = Bytes();
    private readonly List<Adapter> _loaded = [];
    private readonly AdapterCache _cache = new(2 * One);

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Take_Again_IsTheSameAdapterWithoutLoading()
    {
        using (await TakeAsync("a")) { }
        using var again = await TakeAsync("a");
        Assert.Same(Assert.Single(_loaded), again.Adapter);
        Assert.Equal((1, 1), _cache.Counts);
    }

    [Fact]
    public async Task Take_MoreThanFit_TheLeastRecentlyUsedIsGivenUp()
    {
        foreach (var id in new[] { "a", "b", "a", "c" }) (await TakeAsync(id)).Dispose();
        Assert.Equal(2 * One, _cache.Bytes);
        Assert.Equal([false, true, false], _loaded.Select(IsDisposed)); // a was used after b
        using (await TakeAsync("a")) { }
        Assert.Equal(3, _loaded.Count);
    }

    [Fact]
    public async Task Take_InUse_IsNotGivenUpBeforeItsUserLetsGo()
    {
        var users = new[] { await TakeAsync("a"), await TakeAsync("b"), await TakeAsync("c") };
        Assert.DoesNotContain(true, _loaded.Select(IsDisposed));
        _cache.Forget("default", "b");
        Assert.False(IsDisposed(_loaded[1]));
        foreach (var user in users) user.Dispose();
        users[0].Dispose(); // A second time means nothing.
        Assert.Equal(2, _loaded.Count(IsDisposed) + (_cache.Bytes == 2 * One ? 1 : 0));
        Assert.True(IsDisposed(_loaded[1]));
    }

    [Fact]
    public async Task Take_TheSameIdInAnotherCollection_IsLoadedThere()
    {
        using var own = await TakeAsync("a");
        using var other = await TakeAsync("a", "another");
        Assert.NotSame(own.Adapter, other.Adapter);
    }

    [Fact]
    public async Task Take_LoadFails_IsTriedAgainNextTime()
    {
        await Assert.ThrowsAsync<IOException>(() => _cache.TakeAsync("default", "a", () => throw new IOException("gone")));
        using var taken = await TakeAsync("a");
        Assert.Single(_loaded);
    }

    private Task<CachedAdapter> TakeAsync(string id, string collection = "default") => _cache.TakeAsync(collection, id, () =>
    {
        _loaded.Add(Pipeline.Checkpoint.Meta.InitialAdapter.Copy());
        return Task.FromResult(_loaded[^1]);
    });

    private static long Bytes()
    {
        using var adapter = Pipeline.Checkpoint.Meta.InitialAdapter.Copy();
        return adapter.Bytes;
    }

    private static bool IsDisposed(Adapter adapter) => adapter.Tensors[0].IsInvalid;
}
