using System.Globalization;
using Microsoft.AspNetCore.Http;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Http;

/// <summary>Documents in and out.</summary>
/// <param name="account">Blobs and queues.</param>
/// <param name="submission">Submits; made inside a request, since its model may not be had.</param>
/// <param name="removal">Deletes.</param>
/// <param name="model">Knows adapter ids; likewise.</param>
/// <param name="time">The clock.</param>
/// <param name="guard">Lets requests in.</param>
public sealed class DocumentsApi(StorageAccount account, Func<Submission> submission, DocumentRemoval removal, Func<ServedModel> model, TimeProvider time, HttpGuard guard)
{
    /// <summary>The longest document in a request's body, in bytes: 16 MiB. Longer ones, to <see cref="DocumentShelf.MaxBytes"/>, are announced and uploaded.</summary>
    public const int LongestBody = 16 << 20;

    private const int LongestName = 256;

    private static readonly TimeSpan AddressHolds = TimeSpan.FromHours(1);

    /// <summary>POST <see cref="Routes.Documents"/>, the body being the document: 202 with the job's address in Location and a <see cref="SubmittedDocument"/>; 200 where its adapter is there already.</summary>
    public Task<IResult> SubmitAsync(HttpRequest request, string collection, CancellationToken cancel) => guard.AnswerAsync(request, async () =>
    {
        Require(collection);
        var name = NameOf(request);
        var content = await HttpBody.ReadAsync(request, LongestBody, "Send the document as the body; announce a larger one at …/uploads and put it at the address that comes back.", cancel);
        var sent = await submission().SendDocumentAsync(collection, content, name, cancel);
        return await AcceptedAsync(request, collection, sent.Document, sent.Job, null, cancel);
    });

    /// <summary>POST <see cref="Routes.Uploads"/> with an <see cref="AnnouncedDocument"/>: 202 with an address to put it at; 200 where its adapter is there already.</summary>
    public Task<IResult> AnnounceAsync(HttpRequest request, string collection, CancellationToken cancel) => guard.AnswerAsync(request, async () =>
    {
        Require(collection);
        var announced = await HttpBody.ReadAsync<AnnouncedDocument>(request, cancel);
        if (NameRules.DocumentIdFault(announced.Sha256) is not null) throw new HttpProblemException(400, "sha256 must be the document's SHA-256 in 64 lower-case hexadecimal digits.");
        if (announced.Bytes is < 1 or > DocumentShelf.MaxBytes) throw new HttpProblemException(announced.Bytes < 1 ? 400 : 413, $"bytes is {announced.Bytes}; a document has 1 to {DocumentShelf.MaxBytes:N0}. Split a larger one.");
        if (announced.Name.Length is 0 or > LongestName || Arrivals.NameFault(announced.Name) is not null) throw new HttpProblemException(400, $"name must have 1 to {LongestName} characters, {Arrivals.NameForm}");
        var job = Names.EncodeJob(model().AdapterId(collection, announced.Sha256));
        if (await IsDoneAsync(collection, job, cancel)) return await AcceptedAsync(request, collection, announced.Sha256, job, null, cancel);

        var expires = time.GetUtcNow() + AddressHolds;
        var address = await new Uploads(account).AddressAsync(Arrivals.PathOf(collection, announced.Sha256, announced.Name), expires, time.GetUtcNow(), cancel);
        return await AcceptedAsync(request, collection, announced.Sha256, job, new UploadTarget("PUT", address, new Dictionary<string, string>(StringComparer.Ordinal) { ["x-ms-blob-type"] = "BlockBlob" }, expires), cancel);
    });

    /// <summary>DELETE <see cref="Routes.Document"/>: 200 with a <see cref="RemovalReport"/>; 404.</summary>
    public Task<IResult> DeleteAsync(HttpRequest request, string collection, string document, CancellationToken cancel) => guard.AnswerAsync(request, async () =>
    {
        try
        {
            return Results.Json(await removal.RemoveAsync(collection, document, NameOf(request), dryRun: false, cancel), Json.Indented);
        }
        catch (DocumentException e)
        {
            throw new HttpProblemException(404, e.Message);
        }
    });

    private async Task<IResult> AcceptedAsync(HttpRequest request, string collection, string document, string job, UploadTarget? upload, CancellationToken cancel)
    {
        var (address, record) = (Routes.OfJob(collection, job), await JobRecord.FindAsync(account.Objects, collection, job, cancel));
        request.HttpContext.Response.Headers.Location = address;
        var done = upload is null && record is { Status: JobStatus.Succeeded };
        if (!done) request.HttpContext.Response.Headers.RetryAfter = 2.ToString(CultureInfo.InvariantCulture);
        return Results.Json(new SubmittedDocument(collection, document, Names.AdapterOf(job), job, upload is null ? record?.Status : null, address, upload), Json.Indented, statusCode: done ? 200 : 202);
    }

    private async Task<bool> IsDoneAsync(string collection, string job, CancellationToken cancel) =>
        await JobRecord.FindAsync(account.Objects, collection, job, cancel) is { Status: JobStatus.Succeeded }
        && await new AdapterArchive(account.Objects).FindWholeAsync(collection, Names.AdapterOf(job), cancel) is not null;

    private static void Require(string collection) => NameRules.Good(collection, NameRules.CollectionFault, nameof(collection));

    private static string? NameOf(HttpRequest request) => request.Query["name"] switch
    {
        [] => null,
        [{ Length: > 0 and <= LongestName } name] => name,
        _ => throw new HttpProblemException(400, $"name must be given once and have 1 to {LongestName} characters."),
    };
}

/// <summary>A document that is to be uploaded.</summary>
/// <param name="Name">What the submitter calls it.</param>
/// <param name="Sha256">The SHA-256 of its bytes, 64 lower-case hexadecimal digits: its id.</param>
/// <param name="Bytes">Its length.</param>
public sealed record AnnouncedDocument(string Name, string Sha256, long Bytes);

/// <summary>A document that was taken, or can be uploaded.</summary>
/// <param name="Collection">The collection.</param>
/// <param name="Document">The document id.</param>
/// <param name="Adapter">The adapter that it becomes.</param>
/// <param name="Job">The job that makes it.</param>
/// <param name="Status">Where the job stands; null before the upload.</param>
/// <param name="Location">The job's address.</param>
/// <param name="Upload">Where to put the document; null where it is there.</param>
public sealed record SubmittedDocument(string Collection, string Document, string Adapter, string Job, JobStatus? Status, string Location, UploadTarget? Upload);

/// <summary>Where and how to put a document. Whoever has the address may write there, and nothing else, until it expires.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Url">The address.</param>
/// <param name="Headers">Headers that the request must have.</param>
/// <param name="Expires">Until when.</param>
public sealed record UploadTarget(string Method, Uri Url, IReadOnlyDictionary<string, string> Headers, DateTimeOffset Expires);
