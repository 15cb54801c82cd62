using System.Text.Json;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>Deletes documents with all that was made of them.</summary>
/// <remarks>
/// A submission is a reference to content. When the last reference goes, a tombstone is written first; then adapters, answers and the
/// content go. Whoever is encoding or answering meanwhile finds the tombstone at the end and takes back what it made.
/// </remarks>
/// <param name="store">Documents, adapters, answers.</param>
/// <param name="time">The clock.</param>
public sealed class DocumentRemoval(IObjectStore store, TimeProvider time)
{
    private readonly DocumentShelf _shelf = new(store);

    /// <summary>Takes back a submission, or all of a document's.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="document">The document id.</param>
    /// <param name="name">The name it was submitted under; null for all.</param>
    /// <param name="dryRun">Whether nothing is removed.</param>
    /// <param name="cancel">Cancels; the same call goes on where it stopped.</param>
    /// <exception cref="DocumentException">There is no such document or name.</exception>
    public async Task<RemovalReport> RemoveAsync(string collection, string document, string? name, bool dryRun, CancellationToken cancel)
    {
        var references = await _shelf.ReferencesAsync(collection, document, cancel);
        var isThere = await _shelf.HasAsync(collection, document, cancel) || await store.ExistsAsync(Names.DocumentTombstone(collection, document), cancel);
        if (!isThere) throw new DocumentException($"There is no document {document} in collection {collection}.");
        var going = name is null ? references : [.. references.Where(r => r.Name == name)];
        if (name is not null && going.Count == 0 && references.Count > 0)
        {
            throw new DocumentException(
                $"The document {document} was not submitted as '{name}' but as {string.Join(", ", references.Select(r => $"'{r.Name}'"))}.");
        }

        if (!dryRun) foreach (var reference in going) await store.DeleteAsync(Names.DocumentReference(collection, document, reference.Name ?? ""), cancel);
        IReadOnlyList<DocumentReference> left = dryRun ? [.. references.Except(going)] : await _shelf.ReferencesAsync(collection, document, cancel);
        if (left.Count > 0) return new RemovalReport(going, left, [], []);

        var adapters = await MarksAsync(collection, document, "adapters", cancel);
        var answers = await MarksAsync(collection, document, "answers", cancel);
        if (dryRun) return new RemovalReport(going, [], adapters, answers);
        await store.WriteAsync(
            Names.DocumentTombstone(collection, document), JsonSerializer.SerializeToUtf8Bytes(new Tombstone(time.GetUtcNow()), Json.Indented), cancel);

        // Submitted again meanwhile: then it stays.
        if (await _shelf.ReferencesAsync(collection, document, cancel) is { Count: > 0 } again)
        {
            await store.DeleteAsync(Names.DocumentTombstone(collection, document), cancel);
            return new RemovalReport(going, again, [], []);
        }

        // Looked up again: a run that ended before the tombstone was there has left its marks by now.
        adapters = await MarksAsync(collection, document, "adapters", cancel);
        answers = await MarksAsync(collection, document, "answers", cancel);
        var archive = new AdapterArchive(store);
        foreach (var adapter in adapters) await archive.RemoveAsync(collection, adapter, cancel);
        foreach (var answer in answers) await store.DeleteAsync(Names.Answer(collection, answer), cancel);
        await foreach (var path in store.ListAsync(Names.Documents, Names.DocumentFolder(collection, document), cancel))
        {
            var each = new ObjectName(Names.Documents, path);
            if (each != Names.DocumentTombstone(collection, document)) await store.DeleteAsync(each, cancel);
        }

        foreach (var adapter in adapters) await ForgetJobAsync(collection, Names.EncodeJob(adapter), cancel);
        return new RemovalReport(going, [], adapters, answers);
    }

    /// <summary>A record holds no text of the document; one that is being worked on ends by itself at the tombstone.</summary>
    private async Task ForgetJobAsync(string collection, string job, CancellationToken cancel)
    {
        try
        {
            if (await JobRecord.FindEndedAsync(store, collection, job, cancel) is not null) await store.DeleteAsync(Names.Job(collection, job), cancel);
        }
        catch (ObjectLeasedException)
        {
        }
    }

    private async Task<IReadOnlyList<string>> MarksAsync(string collection, string document, string kind, CancellationToken cancel)
    {
        var marks = new List<string>();
        await foreach (var path in store.ListAsync(Names.Documents, $"{Names.DocumentFolder(collection, document)}{kind}/", cancel))
            marks.Add(path[(path.LastIndexOf('/') + 1)..]);
        return marks;
    }
}

/// <summary>What a deletion removed.</summary>
/// <param name="Removed">The submissions taken back.</param>
/// <param name="Left">Those that still refer to the document, which then stays.</param>
/// <param name="Adapters">The adapters removed.</param>
/// <param name="Answers">The answers removed.</param>
public sealed record RemovalReport(
    IReadOnlyList<DocumentReference> Removed, IReadOnlyList<DocumentReference> Left, IReadOnlyList<string> Adapters, IReadOnlyList<string> Answers);
