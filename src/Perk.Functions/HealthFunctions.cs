using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Http;

namespace Perk.Functions;

/// <summary>Whether the app is well; in every role, without keys, for probes.</summary>
/// <param name="health">Answers.</param>
public sealed class HealthFunctions(HealthApi health)
{
    /// <summary>Whether it is alive.</summary>
    [Function("live")]
    public static IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Routes.Live)] HttpRequest request) => HealthApi.Live();

    /// <summary>Whether it can work.</summary>
    [Function("ready")]
    public Task<IResult> ReadyAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Routes.Ready)] HttpRequest request, CancellationToken cancel) => health.ReadyAsync(cancel);
}
