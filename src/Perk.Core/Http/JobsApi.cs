using System.Globalization;
using Microsoft.AspNetCore.Http;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Http;

/// <summary>How jobs stand.</summary>
/// <param name="store">The job records.</param>
/// <param name="guard">Lets requests in.</param>
public sealed class JobsApi(IObjectStore store, HttpGuard guard)
{
    private const int LookAgainSeconds = 2;

    /// <summary>GET <see cref="Routes.Job"/>: 200 with a <see cref="JobView"/>; 404.</summary>
    public Task<IResult> JobAsync(HttpRequest request, string collection, string job, CancellationToken cancel) => guard.AnswerAsync(request, async () =>
    {
        if (await JobRecord.FindAsync(store, collection, job, cancel) is not { } record)
            throw new HttpProblemException(404, $"There is no job {job} in collection {collection}. An upload becomes a job a moment after its last byte; a record that was purged is gone.");
        if (!record.HasEnded) request.HttpContext.Response.Headers.RetryAfter = LookAgainSeconds.ToString(CultureInfo.InvariantCulture);
        return Results.Json(JobView.Of(record), Json.Indented);
    });
}
