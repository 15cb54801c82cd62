using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Http;

namespace Perk.Functions.Api;

/// <summary>Documents in and out.</summary>
/// <param name="documents">Answers.</param>
public sealed class DocumentFunctions(DocumentsApi documents)
{
    /// <summary>Submits the body.</summary>
    [Function("submit")]
    public Task<IResult> SubmitAsync([HttpTrigger(Access.Level, "post", Route = Routes.Documents)] HttpRequest request, string collection, CancellationToken cancel) =>
        documents.SubmitAsync(request, collection, cancel);

    /// <summary>Announces a large document.</summary>
    [Function("upload")]
    public Task<IResult> AnnounceAsync([HttpTrigger(Access.Level, "post", Route = Routes.Uploads)] HttpRequest request, string collection, CancellationToken cancel) =>
        documents.AnnounceAsync(request, collection, cancel);

    /// <summary>Takes a document back.</summary>
    [Function("delete")]
    public Task<IResult> DeleteAsync([HttpTrigger(Access.Level, "delete", Route = Routes.Document)] HttpRequest request, string collection, string document, CancellationToken cancel) =>
        documents.DeleteAsync(request, collection, document, cancel);
}
