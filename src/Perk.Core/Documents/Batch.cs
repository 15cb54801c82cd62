using System.Text.Json;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>Documents that were submitted together: the blob <c>batches/{collection}/{name}.json</c>.</summary>
/// <param name="V">The form of this record.</param>
/// <param name="Name">The batch's name.</param>
/// <param name="Collection">The collection.</param>
/// <param name="Submitted">When it was submitted last.</param>
/// <param name="Documents">Its documents, in order.</param>
public sealed record Batch(int V, string Name, string Collection, DateTimeOffset Submitted, IReadOnlyList<BatchDocument> Documents)
{
    private const int ReadAtOnce = 16;

    /// <summary>Stores it, in place of an earlier one of its name.</summary>
    public Task SaveAsync(IObjectStore store, CancellationToken cancel) =>
        store.WriteAsync(Names.Batch(Collection, Name), JsonSerializer.SerializeToUtf8Bytes(this, Json.Indented), cancel);

    /// <summary>A batch, or null where there is none; a damaged one counts as none.</summary>
    public static async Task<Batch?> FindAsync(IObjectStore store, string collection, string name, CancellationToken cancel) =>
        await store.ReadAllBytesAsync(Names.Batch(collection, name), cancel) is { } json && Json.Read<Batch>(json) is { V: 1 } batch
        && (batch.Collection, batch.Name) == (collection, name) && batch.Documents.All(IsGood) ? batch : null;

    private static bool IsGood(BatchDocument? document) => document is not null
        && (document.Job is null || NameRules.EncodeJobFault(document.Job) is null) && (document.Document is null || NameRules.DocumentIdFault(document.Document) is null);

    /// <summary>How its documents stand now.</summary>
    public async Task<BatchStatus> StatusAsync(IObjectStore store, CancellationToken cancel)
    {
        var rows = new BatchRow[Documents.Count];
        await Parallel.ForEachAsync(Documents.Index(), new ParallelOptions { MaxDegreeOfParallelism = ReadAtOnce, CancellationToken = cancel }, async (each, stop) =>
        {
            var (document, (status, reason)) = (each.Item, await StatusAsync(store, each.Item, stop));
            rows[each.Index] = new BatchRow(document.Name, document.Document, document.Job, status, reason);
        });
        return new BatchStatus(Name, Collection, rows);
    }

    private async Task<(JobStatus Status, string? Reason)> StatusAsync(IObjectStore store, BatchDocument document, CancellationToken cancel)
    {
        if (document.Fault is not null || document.Job is null || document.Document is null) return (JobStatus.Failed, document.Fault ?? "It was not submitted; submit the batch again.");
        if (await JobRecord.FindAsync(store, Collection, document.Job, cancel) is { } record) return (record.Status, record.Reason);

        // Its record was purged, or went with the document.
        if (await store.ExistsAsync(Names.AdapterManifest(Collection, Names.AdapterOf(document.Job)), cancel)) return (JobStatus.Succeeded, null);
        if (await store.ExistsAsync(Names.DocumentTombstone(Collection, document.Document), cancel)) return (JobStatus.Failed, "The document was deleted; submit the batch again if it is to be there.");
        return await store.ExistsAsync(Names.DocumentContent(Collection, document.Document), cancel)
            ? (JobStatus.Failed, "The record of its job was removed; submit the batch again.")
            : (JobStatus.Queued, "The document has not come yet; upload or submit it.");
    }
}

/// <summary>A document of a batch.</summary>
/// <param name="Name">What the submitter calls it.</param>
/// <param name="Document">The document id; null where it could not be submitted.</param>
/// <param name="Job">The job that encodes it.</param>
/// <param name="Fault">Why it could not be submitted.</param>
public sealed record BatchDocument(string Name, string? Document, string? Job, string? Fault);

/// <summary>How a batch stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Collection">The collection.</param>
/// <param name="Documents">Each of its documents.</param>
public sealed record BatchStatus(string Name, string Collection, IReadOnlyList<BatchRow> Documents)
{
    /// <summary>How many stand how.</summary>
    public IReadOnlyDictionary<JobStatus, int> Counts => Documents.CountBy(d => d.Status).OrderBy(c => c.Key).ToDictionary(c => c.Key, c => c.Value);

    /// <summary>Whether none is queued or running.</summary>
    public bool HasEnded => Documents.All(d => d.Status is not (JobStatus.Queued or JobStatus.Running));
}

/// <summary>How a document of a batch stands.</summary>
/// <param name="Name">What the submitter calls it.</param>
/// <param name="Document">The document id.</param>
/// <param name="Job">The job.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Reason">Where it did not succeed, why.</param>
public sealed record BatchRow(string Name, string? Document, string? Job, JobStatus Status, string? Reason);
