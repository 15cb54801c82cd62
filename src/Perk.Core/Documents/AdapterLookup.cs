using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>Finds the adapter that a question asks, while its document may be waiting, gone, or never to be encoded.</summary>
/// <param name="store">Adapters, documents and job records.</param>
/// <param name="asker">Told of adapters that are not there any more.</param>
/// <param name="time">The clock.</param>
internal sealed class AdapterLookup(IObjectStore store, DocumentAsker asker, TimeProvider time)
{
    /// <summary>How long a question waits for a document of which there is no job record.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private readonly AdapterArchive _archive = new(store);
    private readonly DocumentShelf _shelf = new(store);

    /// <summary>The manifest of an adapter, or why there will never be one; neither while it may come.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="target">What is asked.</param>
    /// <param name="queued">When it was asked.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<(AdapterManifest? Manifest, string? Reason)> FindAsync(string collection, AskedAdapter target, DateTimeOffset queued, CancellationToken cancel)
    {
        try
        {
            // A document that was deleted has no adapter any more, even where its removal was cut off.
            if (target.Document is { } deleted) await _shelf.RequireNotDeletedAsync(collection, deleted, cancel);
            if (await _archive.FindAsync(collection, target.Adapter, cancel) is { } manifest)
            {
                return target.Document is null || manifest.Document == target.Document
                    ? (manifest, null)
                    : (null, $"The adapter {target.Adapter} is not of document {target.Document} but of {manifest.Document}; name one of the two.");
            }
        }
        catch (DocumentException e)
        {
            asker.Forget(collection, target.Adapter);
            return (null, e.Message);
        }
        catch (ModelFileException e)
        {
            return (null, Cure(e));
        }

        asker.Forget(collection, target.Adapter);
        var record = await JobRecord.FindAsync(store, collection, Names.EncodeJob(target.Adapter), cancel);
        if (record is { HasEnded: true })
        {
            if (record.Status != JobStatus.Succeeded) return (null, $"The document could not be encoded: {record.Reason} ({record.Job}) Once it is, ask again.");
            return await _archive.FindAsync(collection, target.Adapter, cancel) is { } late ? (late, null) // It has ended since the first look.
                : (null, $"The adapter {target.Adapter} is gone, though {record.Job} succeeded; submit the document again.");
        }

        if (target.Document is not { } document)
            return (null, $"There is no adapter {target.Adapter} in collection {collection}; ask by document to wait for one.");
        if (!await _shelf.HasAsync(collection, document, cancel)) return (null, $"There is no document {document} in collection {collection}; submit it first.");
        return record is not null || queued + Patience > time.GetUtcNow() ? (null, null)
            : (null, $"Nothing has asked for document {document} to be encoded with this host's model and options; submit it with those.");
    }

    /// <summary>What to do about an adapter that cannot be used.</summary>
    public static string Cure(ModelFileException fault) => $"{fault.Message} Submit the document again; if that does not help, delete it first (perk documents delete).";
}

/// <summary>What a question asks.</summary>
/// <param name="Document">The document; null where the adapter alone is named.</param>
/// <param name="Adapter">The adapter.</param>
internal sealed record AskedAdapter(string? Document, string Adapter);
