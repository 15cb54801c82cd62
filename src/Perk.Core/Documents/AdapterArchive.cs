using System.Text;
using System.Text.Json;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>
/// Adapters in an object store. Every blob is created once and never overwritten, payloads first and the manifest last, so two
/// encoders of the same document cannot leave a mixture.
/// </summary>
/// <param name="store">Where they are kept.</param>
public sealed class AdapterArchive(IObjectStore store)
{
    /// <summary>The manifest of an adapter, or null where there is no such adapter (yet).</summary>
    /// <exception cref="ModelFileException">The manifest is damaged, or another adapter's.</exception>
    public async Task<AdapterManifest?> FindAsync(string collection, string adapter, CancellationToken cancel)
    {
        var name = Names.AdapterManifest(collection, adapter);
        if (await store.ReadAllBytesAsync(name, cancel) is not { } bytes) return null;
        var manifest = AdapterManifest.Parse(bytes, name.ToString());

        // A manifest copied between collections must not open one to the other.
        return (manifest.Collection, manifest.Adapter) == (collection, adapter)
            ? manifest
            : throw new ModelFileException(
                name.ToString(), $"is the manifest of adapter {manifest.Adapter} in collection {manifest.Collection}.");
    }

    /// <summary>The manifest of an adapter all of whose payloads are there in their lengths; null where it has to be made, again or for the first time.</summary>
    public async Task<AdapterManifest?> FindWholeAsync(string collection, string adapter, CancellationToken cancel)
    {
        try
        {
            if (await FindAsync(collection, adapter, cancel) is not { } manifest) return null;
            foreach (var file in manifest.Files)
            {
                await using var payload = await store.OpenReadAsync(new ObjectName(Names.Adapters, Names.AdapterFolder(collection, adapter) + file.Name), cancel);
                if (payload?.Length != file.Length) return null;
            }

            return manifest;
        }
        catch (Exception e) when (e is ModelFileException or ArgumentException)
        {
            return null; // The manifest is damaged, or names a payload that cannot be.
        }
    }

    /// <summary>The ids of a collection's adapters that begin with given digits, in order.</summary>
    public async Task<IReadOnlyList<string>> StartingWithAsync(string collection, string beginning, CancellationToken cancel)
    {
        const string manifest = "/manifest.json";
        var found = new List<string>();
        await foreach (var path in store.ListAsync(Names.Adapters, $"{collection}/{beginning}", cancel))
            if (path.EndsWith(manifest, StringComparison.Ordinal)) found.Add(path[(collection.Length + 1)..^manifest.Length]);
        return found;
    }

    /// <summary>Stores an adapter.</summary>
    /// <param name="encoded">The adapter and its segments.</param>
    /// <param name="manifest">All but the files.</param>
    /// <param name="cancel">Cancels between blobs; without a manifest nothing of it counts.</param>
    /// <returns>The manifest as stored: another encoder's where that came first.</returns>
    public async Task<AdapterManifest> SaveAsync(EncodedDocument encoded, AdapterManifest manifest, CancellationToken cancel)
    {
        var (weights, config) = AdapterFile.Write(encoded.Adapter, manifest.BaseModel);
        var segments = JsonSerializer.SerializeToUtf8Bytes(
            encoded.Segments.Select(s => new SegmentPosition(s.Index, s.Offset, s.Length, s.TokenCount)), Json.Compact);
        var (collection, adapter) = (manifest.Collection, manifest.Adapter);
        var readme = Encoding.UTF8.GetBytes(
            AdapterReadme.Write(encoded.Adapter, adapter, manifest.BaseModel, manifest.Document, encoded.Segments.Count));
        await store.TryCreateAsync(Names.DocumentAdapter(collection, manifest.Document, adapter), ReadOnlyMemory<byte>.Empty, cancel);
        var complete = manifest with
        {
            Files =
            [
                await CreateAsync(Names.AdapterWeights(collection, adapter), weights, cancel),
                await CreateAsync(Names.AdapterConfig(collection, adapter), config, cancel),
                await CreateAsync(Names.AdapterSegments(collection, adapter), segments, cancel),
                await CreateAsync(Names.AdapterReadme(collection, adapter), readme, cancel),
            ],
        };
        if (await store.TryCreateAsync(Names.AdapterManifest(collection, adapter), complete.ToJson(), cancel)) return complete;
        return await FindAsync(collection, adapter, cancel) ?? complete;
    }

    /// <summary>Loads a stored adapter for the checkpoint it was made with.</summary>
    /// <returns>The adapter, which the caller disposes.</returns>
    /// <exception cref="ModelFileException">A payload is missing, differs from the manifest, or does not fit the checkpoint.</exception>
    public async Task<Adapter> LoadAsync(AdapterManifest manifest, Checkpoint checkpoint, CancellationToken cancel)
    {
        var (collection, adapter) = (manifest.Collection, manifest.Adapter);
        if (manifest.Checkpoint != checkpoint.Id)
        {
            throw new ModelFileException(Names.AdapterManifest(collection, adapter).ToString(),
                $"the adapter was made with checkpoint {manifest.Checkpoint} ({manifest.BaseModel}); this is {checkpoint.Id} ({checkpoint.ModelName}). "
                + "Use the same model folder and the same adapter and step options as when it was encoded.");
        }

        var weights = await ReadAsync(Names.AdapterWeights(collection, adapter), manifest, cancel);
        var config = await ReadAsync(Names.AdapterConfig(collection, adapter), manifest, cancel);
        return AdapterFile.Read(weights, config, checkpoint.Model);
    }

    /// <summary>Removes an adapter: its manifest first, after which it no longer exists.</summary>
    /// <returns>Objects removed.</returns>
    public async Task<int> RemoveAsync(string collection, string adapter, CancellationToken cancel)
    {
        var removed = await store.DeleteAsync(Names.AdapterManifest(collection, adapter), cancel) ? 1 : 0;
        await foreach (var path in store.ListAsync(Names.Adapters, Names.AdapterFolder(collection, adapter), cancel))
            if (await store.DeleteAsync(new ObjectName(Names.Adapters, path), cancel)) removed++;
        return removed;
    }

    /// <summary>Where the segments of an adapter's document stand in its text.</summary>
    /// <exception cref="ModelFileException">The payload is missing or differs from the manifest.</exception>
    public async Task<IReadOnlyList<SegmentPosition>> SegmentsAsync(AdapterManifest manifest, CancellationToken cancel)
    {
        var name = Names.AdapterSegments(manifest.Collection, manifest.Adapter);
        return Json.Read<SegmentPosition[]>(await ReadAsync(name, manifest, cancel)) ?? throw new ModelFileException(name.ToString(), "is no list of segments.");
    }

    private async Task<StoredFile> CreateAsync(ObjectName name, byte[] content, CancellationToken cancel)
    {
        // A payload that is there already was written by a run that did not reach its manifest: it is as good as ours, and it stays.
        if (!await store.TryCreateAsync(name, content, cancel)) content = await store.ReadAllBytesAsync(name, cancel) ?? content;
        return new StoredFile(FileName(name), Ids.Sha256(content), content.Length);
    }

    private async Task<byte[]> ReadAsync(ObjectName name, AdapterManifest manifest, CancellationToken cancel)
    {
        var bytes = await store.ReadAllBytesAsync(name, cancel) ?? throw new ModelFileException(name.ToString(), "is missing, though the manifest lists it.");
        var file = manifest.Files.FirstOrDefault(f => f.Name == FileName(name))
            ?? throw new ModelFileException(name.ToString(), "is not listed in the manifest.");
        if (bytes.Length != file.Length || Ids.Sha256(bytes) != file.Sha256)
            throw new ModelFileException(name.ToString(), $"differs from its manifest: {bytes.Length} bytes with sha256 {Ids.Sha256(bytes)}, expected {file.Length} with {file.Sha256}.");
        return bytes;
    }

    private static string FileName(ObjectName name) => name.Path[(name.Path.LastIndexOf('/') + 1)..];
}
