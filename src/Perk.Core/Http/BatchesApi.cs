using Microsoft.AspNetCore.Http;
using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Core.Http;

/// <summary>Documents that belong together.</summary>
/// <param name="store">Batches, documents, job records.</param>
/// <param name="model">Knows adapter ids; made inside a request, since it may not be had.</param>
/// <param name="time">The clock.</param>
/// <param name="guard">Lets requests in.</param>
public sealed class BatchesApi(IObjectStore store, Func<ServedModel> model, TimeProvider time, HttpGuard guard)
{
    private const int Most = 10_000, LongestName = 256, LongestBody = 8 << 20;

    /// <summary>PUT <see cref="Routes.Batch"/> with <see cref="GroupedDocuments"/> that were submitted before: 200 with a <see cref="BatchStatus"/>.</summary>
    public Task<IResult> PutAsync(HttpRequest request, string collection, string batch, CancellationToken cancel) => guard.AnswerAsync(request, async () =>
    {
        Names.Batch(collection, batch);
        var grouped = await HttpBody.ReadAsync<GroupedDocuments>(request, cancel, LongestBody);
        if (grouped.Documents.Count is 0 or > Most) throw new HttpProblemException(400, $"documents has {grouped.Documents.Count} entries; 1 to {Most:N0} are expected.");
        foreach (var each in grouped.Documents)
        {
            if (each is null || each.Name.Length is 0 or > LongestName) throw new HttpProblemException(400, $"documents: each must have a name of 1 to {LongestName} characters, and a document.");
            if (NameRules.DocumentIdFault(each.Document) is { } fault) throw new HttpProblemException(400, $"documents, '{Excerpt.Of(each.Name)}': {fault}");
        }

        var served = model();
        var made = new Batch(1, batch, collection, time.GetUtcNow(), [.. grouped.Documents.Select(d => new BatchDocument(d.Name, d.Document, Names.EncodeJob(served.AdapterId(collection, d.Document)), null))]);
        await made.SaveAsync(store, cancel);
        request.HttpContext.Response.Headers.Location = Routes.OfBatch(collection, batch);
        return Results.Json(await made.StatusAsync(store, cancel), Json.Indented);
    });

    /// <summary>GET <see cref="Routes.Batch"/>: 200 with a <see cref="BatchStatus"/>; 404.</summary>
    public Task<IResult> BatchAsync(HttpRequest request, string collection, string batch, CancellationToken cancel) => guard.AnswerAsync(request, async () =>
        await Batch.FindAsync(store, collection, batch, cancel) is { } found
            ? Results.Json(await found.StatusAsync(store, cancel), Json.Indented)
            : throw new HttpProblemException(404, $"There is no batch {batch} in collection {collection}."));
}

/// <summary>Documents that are to have one status.</summary>
/// <param name="Documents">Each of them.</param>
public sealed record GroupedDocuments(IReadOnlyList<GroupedDocument> Documents);

/// <summary>A document of a batch.</summary>
/// <param name="Name">What the submitter calls it.</param>
/// <param name="Document">The document id.</param>
public sealed record GroupedDocument(string Name, string Document);
