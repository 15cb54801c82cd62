namespace Perk.Core.Jobs;

/// <summary>What becomes of a job's record, as pure functions: a record in, the next one out. <see cref="JobLedger"/> writes them.</summary>
internal static class JobTransitions
{
    /// <summary>How a reason ends that says nothing of a fault of the job's own.</summary>
    internal const string ByItself = "try follows by itself.";

    private const int MostRequeues = 10;
    private const int MostIdle = 10;

    /// <summary>Another try begins, or the job is given up where it had as many as are allowed.</summary>
    public static JobRecord Begun(JobRecord known, JobOptions options, string worker, DateTimeOffset now)
    {
        known = WithoutIdleTry(known);
        return known.Attempt >= options.MaxAttempts ? GivenUp(known, now) : known with
        {
            Status = JobStatus.Running,
            Attempt = known.Attempt + 1,
            Worker = worker,
            Started = now,
            Heartbeat = now,
            Progress = null,
            Computing = null,
            Reason = null,
        };
    }

    /// <summary>Its message became poison: it is given up where it had its tries, and queued again where hosts or storage failed it instead.</summary>
    public static JobRecord Poisoned(JobRecord known, JobOptions options, string reason, DateTimeOffset now)
    {
        known = WithoutIdleTry(known);
        return known.Attempt >= options.MaxAttempts || known.Requeued >= MostRequeues ? GivenUp(known, now) : known with
        {
            Status = JobStatus.Queued,
            Requeued = known.Requeued + 1,
            Resent = now,
            Reason = $"{reason} Of its {options.MaxAttempts} tries it began {known.Attempt}: hosts were stopped, or the storage was away. Another {ByItself}",
        };
    }

    /// <summary>Its message is sent again: its host gave no sign of life for too long, or it was queued for too long.</summary>
    public static JobRecord Revived(JobRecord known, DateTimeOffset now) => WithoutIdleTry(known) with
    {
        Status = JobStatus.Queued,
        Resent = now,
        Reason = known.Status == JobStatus.Running ? $"Its host, {known.Worker}, gave no sign of life after {known.Heartbeat:u}; another {ByItself}" : known.Reason,
    };

    /// <summary>Whether that is due.</summary>
    public static bool IsStale(JobRecord record, JobOptions options, DateTimeOffset now) => record.Status switch
    {
        JobStatus.Running => record.Heartbeat + options.StaleAfter < now,
        JobStatus.Queued => (record.Resent > record.Queued ? record.Resent : record.Queued) + options.ResendAfter < now,
        _ => false,
    };

    /// <summary>A try whose process died before it computed was ended by something else: it does not count, the first ten of a generation.</summary>
    private static JobRecord WithoutIdleTry(JobRecord known) => known is { Status: JobStatus.Running, Computing: null, Attempt: > 0, Idle: < MostIdle }
        ? known with { Attempt = known.Attempt - 1, Idle = known.Idle + 1 }
        : known;

    private static JobRecord GivenUp(JobRecord known, DateTimeOffset now)
    {
        var last = known is { Status: JobStatus.Queued, Reason: { } reason } && !reason.EndsWith(ByItself, StringComparison.Ordinal)
            ? reason
            : $"The last of them never ended: it may have stopped its process, most often for want of memory, or could not reach the storage; see the log of {known.Worker ?? "its host"} after {known.Started:u}.";
        return known with
        {
            Status = JobStatus.DeadLettered,
            Reason = $"It was given up after {known.Attempt} tries. {last} When the cause is mended, perk jobs replay {known.Job} does it again.",
            Ended = now,
            Settled = true,
        };
    }
}
