using Perk.Core.Lora;
using Perk.Core.Telemetry;

namespace Perk.Core.Documents;

/// <summary>Adapters kept in memory, the least recently used given up first where they take more than a number of bytes.</summary>
/// <remarks>An adapter id is a content hash and never reused, so what is kept is never stale. One in use stays until its user lets go.</remarks>
/// <param name="maxBytes">Bytes of weights to keep; 0 keeps none beyond their use.</param>
public sealed class AdapterCache(long maxBytes) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _entries = new(); // the most recently used first
    private long _hits, _misses;

    /// <summary>How often an adapter was there, and how often it had to be loaded.</summary>
    public (long Hits, long Misses) Counts => (Interlocked.Read(ref _hits), Interlocked.Read(ref _misses));

    /// <summary>Bytes kept, in use or not.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock) return _entries.Sum(e => e.Bytes);
        }
    }

    /// <summary>Takes an adapter, from the cache or by loading it.</summary>
    /// <param name="collection">The collection: what one has, no other gets.</param>
    /// <param name="adapter">The adapter id.</param>
    /// <param name="load">Loads it.</param>
    /// <returns>The adapter; dispose it to let go.</returns>
    public async Task<CachedAdapter> TakeAsync(string collection, string adapter, Func<Task<Adapter>> load)
    {
        if (Find(collection, adapter) is { } known)
        {
            Interlocked.Increment(ref _hits);
            Instruments.CacheRequests.Add(1, Result("hit"));
            return known;
        }

        Interlocked.Increment(ref _misses);
        Instruments.CacheRequests.Add(1, Result("miss"));
        var loaded = await load();
        lock (_lock)
        {
            // Two may have loaded it at once: each uses its own, the later one is kept.
            var entry = new Entry(collection, adapter, loaded, loaded.Bytes);
            entry.Users++;
            _entries.AddFirst(entry);
            Shrink();
            return new CachedAdapter(loaded, () => LetGo(entry));
        }
    }

    /// <summary>Gives up a collection's adapter, once nobody uses it.</summary>
    public void Forget(string collection, string adapter)
    {
        lock (_lock)
        {
            foreach (var entry in _entries.Where(e => e.Is(collection, adapter)).ToList()) GiveUp(entry);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var entry in _entries.ToList()) GiveUp(entry);
        }
    }

    private static KeyValuePair<string, object?> Result(string result) => new("perk.result", result);

    private CachedAdapter? Find(string collection, string adapter)
    {
        lock (_lock)
        {
            if (_entries.FirstOrDefault(e => e.Is(collection, adapter)) is not { } entry) return null;
            _entries.Remove(entry);
            _entries.AddFirst(entry);
            entry.Users++;
            return new CachedAdapter(entry.Adapter, () => LetGo(entry));
        }
    }

    private void LetGo(Entry entry)
    {
        lock (_lock)
        {
            entry.Users--;
            if (entry.GivenUp && entry.Users == 0) entry.Adapter.Dispose();
            Shrink();
        }
    }

    private void Shrink()
    {
        var kept = 0L;
        foreach (var entry in _entries.ToList())
        {
            kept += entry.Bytes;
            if (kept > maxBytes && entry.Users == 0) GiveUp(entry);
        }
    }

    private void GiveUp(Entry entry)
    {
        _entries.Remove(entry);
        entry.GivenUp = true;
        if (entry.Users == 0) entry.Adapter.Dispose();
    }

    private sealed class Entry(string collection, string id, Adapter adapter, long bytes)
    {
        public Adapter Adapter => adapter;

        public long Bytes => bytes;

        public int Users { get; set; }

        public bool GivenUp { get; set; }

        public bool Is(string otherCollection, string otherId) => collection == otherCollection && id == otherId;
    }
}

/// <summary>An adapter in use.</summary>
/// <param name="adapter">The adapter, owned by the cache.</param>
/// <param name="letGo">Tells the cache.</param>
public sealed class CachedAdapter(Adapter adapter, Action letGo) : IDisposable
{
    private Action? _letGo = letGo;

    /// <summary>The adapter; valid until this is disposed.</summary>
    public Adapter Adapter => adapter;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _letGo, null)?.Invoke();
}
