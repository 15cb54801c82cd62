using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Http;

namespace Perk.Functions.Api;

/// <summary>How jobs and batches stand.</summary>
/// <param name="jobs">Answers about jobs.</param>
/// <param name="batches">Answers about batches.</param>
public sealed class JobFunctions(JobsApi jobs, BatchesApi batches)
{
    /// <summary>How a job stands.</summary>
    [Function("job")]
    public Task<IResult> JobAsync([HttpTrigger(Access.Level, "get", Route = Routes.Job)] HttpRequest request, string collection, string job, CancellationToken cancel) =>
        jobs.JobAsync(request, collection, job, cancel);

    /// <summary>How the documents of a batch stand.</summary>
    [Function("batch")]
    public Task<IResult> BatchAsync([HttpTrigger(Access.Level, "get", Route = Routes.Batch)] HttpRequest request, string collection, string batch, CancellationToken cancel) =>
        batches.BatchAsync(request, collection, batch, cancel);

    /// <summary>Groups documents.</summary>
    [Function("put-batch")]
    public Task<IResult> PutBatchAsync([HttpTrigger(Access.Level, "put", Route = Routes.Batch)] HttpRequest request, string collection, string batch, CancellationToken cancel) =>
        batches.PutAsync(request, collection, batch, cancel);
}
