namespace Perk.Core.Http;

/// <summary>Where the HTTP surface answers; the Functions app, <c>perk serve --http</c> and <c>openapi.json</c> have the same.</summary>
public static class Routes
{
    /// <summary>POST: submit a document. Query: <c>name</c>.</summary>
    public const string Documents = "v1/collections/{collection}/documents";

    /// <summary>DELETE: take back a document, or the submission under the query's <c>name</c>.</summary>
    public const string Document = "v1/collections/{collection}/documents/{document}";

    /// <summary>POST: announce a document that is too large for a request; the reply has an address to put it at.</summary>
    public const string Uploads = "v1/collections/{collection}/uploads";

    /// <summary>GET: how a job stands.</summary>
    public const string Job = "v1/collections/{collection}/jobs/{job}";

    /// <summary>POST: ask questions.</summary>
    public const string Questions = "v1/collections/{collection}/questions";

    /// <summary>GET: an answer.</summary>
    public const string Answer = "v1/collections/{collection}/answers/{question}";

    /// <summary>PUT: group submitted documents. GET: how they stand.</summary>
    public const string Batch = "v1/collections/{collection}/batches/{batch}";

    /// <summary>GET: whether the process is alive.</summary>
    public const string Live = "health/live";

    /// <summary>GET: whether it can work.</summary>
    public const string Ready = "health/ready";

    /// <summary>GET: this surface as an OpenAPI document.</summary>
    public const string OpenApi = "openapi.json";

    /// <summary>The address of a job.</summary>
    public static string OfJob(string collection, string job) => $"/v1/collections/{collection}/jobs/{job}";

    /// <summary>The address of an answer.</summary>
    public static string OfAnswer(string collection, string question) => $"/v1/collections/{collection}/answers/{question}";

    /// <summary>The address of a batch.</summary>
    public static string OfBatch(string collection, string batch) => $"/v1/collections/{collection}/batches/{batch}";
}
