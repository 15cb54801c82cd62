using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Faults.Crashes;

/// <summary>What must hold at the end of a run, whatever happened in it.</summary>
internal static class Verification
{
    /// <summary>Checks that each document has had exactly one effect, and that nothing is left over.</summary>
    /// <param name="account">The account, looked at from outside.</param>
    /// <param name="reference">What one host made of the documents when nothing went wrong.</param>
    /// <param name="questions">The ids of the questions asked.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>What does not hold, a sentence each.</returns>
    public static async Task<IReadOnlyList<string>> CheckAsync(
        StorageAccount account, IReadOnlyDictionary<string, IReadOnlyList<StoredFile>> reference, IReadOnlyCollection<string> questions, CancellationToken cancel)
    {
        var faults = new List<string>();
        var store = account.Objects;
        var expected = new HashSet<string>(StringComparer.Ordinal);
        var encodings = new Dictionary<string, AdapterManifest>(StringComparer.Ordinal);
        await foreach (var path in store.ListAsync(Names.Adapters, World.Collection + "/", cancel))
        {
            if (!path.EndsWith("/manifest.json", StringComparison.Ordinal)) continue;
            var manifest = AdapterManifest.Parse((await store.ReadAllBytesAsync(new ObjectName(Names.Adapters, path), cancel))!, path);
            if (!encodings.TryAdd(manifest.Document, manifest)) faults.Add($"document {manifest.Document} has two adapters");
            expected.UnionWith(manifest.Files.Select(f => f.Name).Append("manifest.json").Select(f => Names.AdapterFolder(World.Collection, manifest.Adapter) + f));
        }

        foreach (var (document, files) in reference)
        {
            if (!encodings.TryGetValue(document, out var manifest))
            {
                faults.Add($"document {document} has no adapter");
                continue;
            }

            foreach (var (made, right) in manifest.Files.Zip(files))
            {
                if (made != right) faults.Add($"{made.Name} of {document} differs from a single host's: {made.Sha256}, not {right.Sha256}");
                var bytes = await store.ReadAllBytesAsync(new ObjectName(Names.Adapters, Names.AdapterFolder(World.Collection, manifest.Adapter) + made.Name), cancel);
                if (bytes is null || Ids.Sha256(bytes) != made.Sha256) faults.Add($"{made.Name} of {document} is not what its manifest says");
            }
        }

        await foreach (var path in store.ListAsync(Names.Adapters, World.Collection + "/", cancel))
            if (!expected.Contains(path)) faults.Add($"{path} belongs to no manifest");
        foreach (var document in encodings.Keys.Where(d => !reference.ContainsKey(d))) faults.Add($"nobody submitted document {document}, which has an adapter");
        await JobsAsync(store, faults, cancel);
        foreach (var id in questions)
            if (await StoredAnswer.FindAsync(store, World.Collection, id, cancel) is not { Status: JobStatus.Succeeded }) faults.Add($"question {id} has no answer");
        await QueuesAsync(account, faults, cancel);
        return faults;
    }

    private static async Task JobsAsync(BlobStore store, List<string> faults, CancellationToken cancel)
    {
        await foreach (var job in new JobCatalog(store).ListAsync(new JobFilter(World.Collection), cancel))
        {
            if (job.Status != JobStatus.Succeeded) faults.Add($"{job.Job} is {job.Status}: {job.Reason}");
            if (job.Generation != 1) faults.Add($"{job.Job} is of generation {job.Generation}, though it was submitted once");
        }

        await foreach (var path in store.ListAsync(Names.Jobs, World.Collection + "/", cancel))
            if (!path.EndsWith(".json", StringComparison.Ordinal)) faults.Add($"jobs/{path} is left over");
        await foreach (var path in store.ListAsync(Names.DeadLetters, "", cancel)) faults.Add($"deadletters/{path} is there");
    }

    private static async Task QueuesAsync(StorageAccount account, List<string> faults, CancellationToken cancel)
    {
        foreach (var name in new[] { Names.EncodeQueue, Names.QuestionsQueue }.SelectMany(q => new[] { q, Names.PoisonOf(q) }))
        {
            var left = (await account.Queue(name).GetPropertiesAsync(cancel)).Value.ApproximateMessagesCount;
            if (left > 0) faults.Add($"{left} messages are left on {name}");
        }
    }
}
