using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Faults.Crashes;

/// <summary>What one host makes of documents when nothing goes wrong, on this device, in this type, with these threads and micro-batches.</summary>
internal static class Reference
{
    /// <summary>Encodes documents in this process, into a folder.</summary>
    /// <returns>Each document's payloads, by its id.</returns>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<StoredFile>>> EncodeAsync(IEnumerable<byte[]> documents, string folder, CancellationToken cancel)
    {
        using var model = ServedModel.From(World.Source, World.Encoding, "cpu");
        using var gate = AcceleratorGate.Create();
        var store = new DirectoryStore(folder);
        var job = new EncodeJob(store, model, gate, TimeProvider.System);
        var made = new Dictionary<string, IReadOnlyList<StoredFile>>(StringComparer.Ordinal);
        foreach (var document in documents)
        {
            var id = await new DocumentShelf(store).AddAsync(World.Collection, document, null, TimeProvider.System.GetUtcNow(), cancel);
            made[id] = (await job.RunAsync(World.Collection, id, null, cancel)).Manifest.Files;
        }

        return made;
    }
}
