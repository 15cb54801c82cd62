using Perk.Core.Jobs;
using Perk.Scale.Events;

namespace Perk.Scale.Queues;

/// <summary>Who may work on a job, and how it ends: what the product's <see cref="JobLedger"/> decides, without a store.</summary>
/// <param name="options">Tries and time spans.</param>
/// <param name="loop">The clock.</param>
internal sealed class Ledger(JobOptions options, EventLoop loop)
{
    private const int MostRequeues = 10;

    /// <summary>When each job ended, in seconds, in that order.</summary>
    public List<double> Ends { get; } = [];

    /// <summary>Seconds from submission to end, of all jobs together.</summary>
    public double Latency { get; private set; }

    /// <summary>Jobs that succeeded.</summary>
    public int Succeeded { get; private set; }

    /// <summary>Jobs that were given up.</summary>
    public int DeadLettered { get; private set; }

    /// <summary>Takes a job because of a message.</summary>
    public JobStartKind Begin(Job job)
    {
        if (job.HasEnded) return JobStartKind.Ended;
        if (job.LeasedUntil > loop.Now) return JobStartKind.Busy;
        if (job.Attempts >= options.MaxAttempts)
        {
            End(job, JobStatus.DeadLettered);
            return JobStartKind.Exhausted;
        }

        job.Status = JobStatus.Running;
        job.Attempts++;
        job.Begun = loop.Now;
        job.LeasedUntil = double.PositiveInfinity;
        return JobStartKind.Begun;
    }

    /// <summary>The work is done.</summary>
    public void Succeed(Job job) => End(job, JobStatus.Succeeded);

    /// <summary>The host was killed: its lease runs out some time after the last sign of life.</summary>
    public void Abandon(Job job)
    {
        var heartbeat = options.Heartbeat.TotalSeconds;
        job.LeasedUntil = job.Begun + Math.Floor((loop.Now - job.Begun) / heartbeat) * heartbeat + options.Lease.TotalSeconds;
    }

    /// <summary>Decides about a job whose message became poison.</summary>
    /// <returns>In how many seconds its message is to be sent again; null where it is not.</returns>
    public double? Poisoned(Job job)
    {
        if (job.HasEnded) return null;
        if (job.LeasedUntil > loop.Now) return options.Lease.TotalSeconds;
        if (job.Attempts < options.MaxAttempts && job.Requeued < MostRequeues)
        {
            job.Status = JobStatus.Queued;
            return 60 * Math.Min(60, Math.Pow(2, job.Requeued++));
        }

        End(job, JobStatus.DeadLettered);
        return null;
    }

    private void End(Job job, JobStatus status)
    {
        (job.Status, job.LeasedUntil) = (status, 0);
        if (status == JobStatus.Succeeded) Succeeded++;
        else DeadLettered++;
        Ends.Add(loop.Now);
        Latency += loop.Now - job.Submitted;
    }
}
