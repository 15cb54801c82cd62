using Microsoft.Azure.Functions.Worker;
using Perk.Core.Hosting;
using Perk.Core.Settings;

namespace Perk.Functions.Api;

/// <summary>What is done again and again.</summary>
/// <param name="upkeep">Does it.</param>
public sealed class TimerFunctions(Upkeep upkeep)
{
    /// <summary>Looks for stale jobs, lost messages and uploads, and measures the queues.</summary>
    [Function("sweep")]
    public Task SweepAsync([TimerTrigger($"%{HostSettings.SweepKey}%")] TimerInfo timer, CancellationToken cancel) => upkeep.RunAsync(cancel);

    /// <summary>Queues the evaluation suite, unless it is queued or running.</summary>
    [Function("scheduled-evaluation")]
    public Task EvaluateAsync([TimerTrigger($"%{HostSettings.EvaluationKey}%")] TimerInfo timer, CancellationToken cancel) => upkeep.QueueEvaluationAsync(cancel);
}
