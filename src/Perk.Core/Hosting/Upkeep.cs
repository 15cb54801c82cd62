using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.Jobs;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Core.Hosting;

/// <summary>What a host does again and again: looks for stale jobs, lost messages and uploads, measures the queues.</summary>
/// <param name="sweep">Looks for jobs and messages.</param>
/// <param name="arrivals">Looks for uploads.</param>
/// <param name="queues">Measures.</param>
/// <param name="schedule">Queues the evaluation suite.</param>
/// <param name="settings">Which suite.</param>
/// <param name="logger">Told what was found.</param>
public sealed class Upkeep(JobSweep sweep, Arrivals arrivals, QueueMeasure queues, EvaluationSchedule schedule, HostSettings settings, ILogger logger)
{
    /// <summary>Sweeps and measures once.</summary>
    /// <returns>How the queues stand.</returns>
    public async Task<IReadOnlyList<QueueState>> RunAsync(CancellationToken cancel)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (settings.Jobs.TimeLimit is { } limit) limited.CancelAfter(limit); // The Functions host would kill the worker.
        return await SweepAsync(limited.Token);
    }

    /// <summary>Queues the evaluation suite, unless it is queued or running, or has its report of today.</summary>
    public Task QueueEvaluationAsync(CancellationToken cancel) => schedule.QueueAsync(settings.EvaluationSuite, cancel);

    /// <summary>Measures the queues once.</summary>
    public Task<IReadOnlyList<QueueState>> MeasureAsync(CancellationToken cancel) => queues.MeasureAsync(cancel);

    private async Task<IReadOnlyList<QueueState>> SweepAsync(CancellationToken cancel)
    {
        var report = await sweep.RunAsync(cancel);
        if (report.Revived.Count + report.Poison > 0) HostLog.Swept(logger, report.Revived.Count, report.Poison);
        foreach (var fault in report.Faults) HostLog.UpkeepFailed(logger, "a sweep", fault);
        try
        {
            await arrivals.SweepAsync(cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            HostLog.UpkeepFailed(logger, "taking uploads", e); // The queues are measured all the same.
        }

        return await MeasureAsync(cancel);
    }
}
