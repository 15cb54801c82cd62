using System.Text.Json;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>Submitted documents in an object store, each under the hash of its bytes.</summary>
/// <param name="store">Where they are kept.</param>
public sealed class DocumentShelf(IObjectStore store)
{
    /// <summary>The longest document, in bytes.</summary>
    public const int MaxBytes = TextDecoder.MaxBytes;

    /// <summary>Stores a document's bytes and where they came from; the same bytes are stored once, damaged ones again.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="content">The bytes, any encoding: they are looked at when they are encoded.</param>
    /// <param name="name">What the submitter calls it.</param>
    /// <param name="submitted">The time.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>The document id.</returns>
    /// <exception cref="DocumentException">It is over the limit.</exception>
    public async Task<string> AddAsync(string collection, byte[] content, string? name, DateTimeOffset submitted, CancellationToken cancel)
    {
        TextDecoder.RequireLength(content.Length);
        var id = Ids.Sha256(content);
        var at = Names.DocumentContent(collection, id);
        if (!await store.TryCreateAsync(at, content, cancel)
            && await store.ReadAllBytesAsync(at, cancel) is { } there && Ids.Sha256(there) != id)
        {
            await store.WriteAsync(at, content, cancel);
        }

        var source = new DocumentSource(name, content.Length, submitted, Encoding: null, Characters: null);
        await store.TryCreateAsync(Names.DocumentSource(collection, id), JsonSerializer.SerializeToUtf8Bytes(source, Json.Indented), cancel);
        var reference = new DocumentReference(name, submitted);
        await store.TryCreateAsync(Names.DocumentReference(collection, id, name ?? ""), JsonSerializer.SerializeToUtf8Bytes(reference, Json.Indented), cancel);
        await store.DeleteAsync(Names.DocumentTombstone(collection, id), cancel);
        return id;
    }

    /// <summary>The names under which a document was submitted.</summary>
    public async Task<IReadOnlyList<DocumentReference>> ReferencesAsync(string collection, string id, CancellationToken cancel)
    {
        var found = new List<DocumentReference>();
        await foreach (var path in store.ListAsync(Names.Documents, Names.DocumentFolder(collection, id) + "references/", cancel))
        {
            if (await store.ReadAllBytesAsync(new ObjectName(Names.Documents, path), cancel) is { } json && Json.Read<DocumentReference>(json) is { } reference)
                found.Add(reference);
        }

        return found;
    }

    /// <summary>Throws where a document was deleted: what is made of it must go, too.</summary>
    /// <exception cref="DocumentException"/>
    public async Task RequireNotDeletedAsync(string collection, string id, CancellationToken cancel)
    {
        if (await store.ReadAllBytesAsync(Names.DocumentTombstone(collection, id), cancel) is not { } json) return;
        var when = Json.Read<Tombstone>(json) is { } tombstone ? $" at {tombstone.Deleted:u}" : ""; // A damaged one holds all the same.
        throw new DocumentException($"The document {id} was deleted{when}; submit it again if it is to be there.");
    }

    /// <summary>Whether a document is there.</summary>
    public Task<bool> HasAsync(string collection, string id, CancellationToken cancel) =>
        store.ExistsAsync(Names.DocumentContent(collection, id), cancel);

    /// <summary>Reads a document as text and notes its encoding in <c>source.json</c>.</summary>
    /// <exception cref="DocumentException">It is missing, damaged, over the limit, empty or not text.</exception>
    public async Task<DecodedText> ReadAsync(string collection, string id, CancellationToken cancel)
    {
        var name = Names.DocumentContent(collection, id);
        byte[] bytes;
        await using (var stream = await store.OpenReadAsync(name, cancel))
        {
            if (stream is null) throw new DocumentException($"The document {name} does not exist; submit it (perk submit) before its message, or once more.");
            TextDecoder.RequireLength(stream.Length); // before it is in memory
            bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, cancel);
        }

        if (Ids.Sha256(bytes) != id) throw new DocumentException($"The bytes of {name} do not have the sha256 they are named by; submit the document again.");
        var text = TextDecoder.Decode(bytes);

        var sourceName = Names.DocumentSource(collection, id);
        var known = await store.ReadAllBytesAsync(sourceName, cancel) is { } json ? Json.Read<DocumentSource>(json) : null;
        var source = (known ?? new DocumentSource(null, bytes.Length, null, null, null)) with { Encoding = text.Encoding, Characters = text.Text.Length };
        if (source == known) return text;
        await store.WriteAsync(sourceName, JsonSerializer.SerializeToUtf8Bytes(source, Json.Indented), cancel);
        if (!await store.ExistsAsync(name, CancellationToken.None)) await store.DeleteAsync(sourceName, CancellationToken.None); // deleted meanwhile
        return text;
    }
}

/// <summary>One submission of a document.</summary>
/// <param name="Name">What the submitter calls it.</param>
/// <param name="Submitted">When it came first.</param>
public sealed record DocumentReference(string? Name, DateTimeOffset Submitted);

/// <summary>That a document was deleted.</summary>
/// <param name="Deleted">When.</param>
public sealed record Tombstone(DateTimeOffset Deleted);

/// <summary>Where a document came from: <c>source.json</c>.</summary>
/// <param name="Name">What the submitter calls it.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Submitted">When it came.</param>
/// <param name="Encoding">The text encoding it was read in; null until it was.</param>
/// <param name="Characters">UTF-16 code units of its text; null until it was read.</param>
public sealed record DocumentSource(string? Name, long Bytes, DateTimeOffset? Submitted, string? Encoding, int? Characters);
