using Perk.Core.Storage;

namespace Perk.Core.Jobs;

/// <summary>
/// The records of jobs, and who may work on one. Every change is made on condition of what was read (ETag), and while a job runs
/// under a lease, so that of several hosts, deliveries and submitters one has its way and the others see it.
/// </summary>
/// <param name="store">Where the records are.</param>
/// <param name="options">Tries and time spans.</param>
/// <param name="time">The clock.</param>
/// <param name="worker">Who this host is, for people who read records.</param>
public sealed class JobLedger(IObjectStore store, JobOptions options, TimeProvider time, string worker)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a try may take.</summary>
    internal TimeSpan? TimeLimit => options.TimeLimit;

    /// <summary>The time.</summary>
    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Notes that a job is to be done.</summary>
    /// <param name="queue">The queue its message goes to.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="job">The job id.</param>
    /// <param name="body">The message's body for a generation.</param>
    /// <param name="done">Whether a success that is recorded still holds; where not, the next generation begins.</param>
    /// <param name="cancel">Cancels.</param>
    /// <param name="same">Whether a queued job's message asks for the same; where not, the next generation begins too.</param>
    /// <returns>The record, and whether its message has to be sent: a queued job's is sent again, since it may have been lost on the way.</returns>
    public async Task<QueuedJob> QueueAsync(
        string queue, string collection, string job, Func<int, string> body, Func<Task<bool>> done, CancellationToken cancel, Func<JobRecord, bool>? same = null)
    {
        var name = Names.Job(collection, job);
        while (true)
        {
            var found = await store.ReadAsync(name, cancel);
            var known = found is null ? null : JobRecord.Parse(found.Content);
            switch (known)
            {
                case { Status: JobStatus.Running }:
                case { Status: JobStatus.Succeeded } when await done():
                    return new QueuedJob(known, Send: false);
                case { Status: JobStatus.Queued } when same?.Invoke(known) != false:
                    return new QueuedJob(known, Send: true);
            }

            var next = Fresh(queue, collection, job, (known?.Generation ?? 0) + 1, body);
            if (await TryWriteAsync(name, next, found, cancel)) return new QueuedJob(next, Send: true);
            await Task.Delay(Pause, time, cancel); // A host that ended it has not let go yet.
        }
    }

    /// <summary>Takes a job for this host because of a message.</summary>
    /// <param name="message">The job and its message.</param>
    /// <param name="done">Whether a success that is recorded holds for this message; where not, the next generation begins with it.</param>
    /// <param name="cancel">The host stops; the run's token follows it.</param>
    public async Task<JobStart> BeginAsync(JobMessage message, Func<Task<bool>> done, CancellationToken cancel)
    {
        var (queue, collection, job, generation, body) = message;
        var name = Names.Job(collection, job);
        if (await store.ReadAsync(name, cancel) is null)
            await store.TryCreateAsync(name, Fresh(queue, collection, job, generation, _ => body).ToJson(), cancel);

        if (await store.TryLeaseAsync(name, options.Lease, cancel) is not { } lease)
            return await store.ReadAsync(name, cancel) is { } other && JobRecord.Parse(other.Content) is { } running && await IsOverAsync(running) is { } over
                ? over
                : new JobStart(JobStartKind.Busy, null, null);
        try
        {
            var found = await store.ReadAsync(name, cancel) ?? throw new LeaseLostException(job);
            var known = JobRecord.Parse(found.Content);
            if (known is not null && await IsOverAsync(known) is { } over)
            {
                if (known is { Status: JobStatus.Cancelled, Settled: false } && known.Generation == generation)
                    await store.TryReplaceAsync(name, (known with { Settled = true }).ToJson(), found.Version, lease, cancel);
                await store.ReleaseAsync(name, lease, CancellationToken.None);
                return over;
            }

            // A success that does not hold for this message is begun again in its own generation: in a later one the message, come again, would be too old.
            if (known is null || known.Generation < generation || known.HasEnded) known = Fresh(queue, collection, job, generation, _ => body);
            var record = JobTransitions.Begun(known, options, worker, time.GetUtcNow());
            var version = await store.TryReplaceAsync(name, record.ToJson(), found.Version, lease, CancellationToken.None) ?? throw new LeaseLostException(job);
            if (!record.HasEnded) return new JobStart(JobStartKind.Begun, record, new JobRun(store, record, version, lease, options, time, cancel));
            await store.ReleaseAsync(name, lease, CancellationToken.None);
            return new JobStart(JobStartKind.Exhausted, record, null);
        }
        catch
        {
            await store.ReleaseAsync(name, lease, CancellationToken.None);
            throw;
        }

        async Task<JobStart?> IsOverAsync(JobRecord record) =>
            record.Generation > generation ? new JobStart(JobStartKind.Older, record, null)
            : record.Generation == generation && record.HasEnded && (record.Status != JobStatus.Succeeded || await done()) ? new JobStart(JobStartKind.Ended, record, null)
            : null;
    }

    /// <summary>Ends a job that no host works on: given up, or cancelled.</summary>
    /// <returns>The record; null where there is none, it has ended, or it is of another generation.</returns>
    /// <exception cref="ObjectLeasedException">A host works on it.</exception>
    public async Task<JobRecord?> EndAsync(string collection, string job, int generation, JobStatus status, string reason, CancellationToken cancel)
    {
        var name = Names.Job(collection, job);
        while (true)
        {
            if (await store.ReadAsync(name, cancel) is not { } found || JobRecord.Parse(found.Content) is not { HasEnded: false } known || known.Generation != generation)
                return null;
            var ended = known with { Status = status, Reason = reason, Ended = time.GetUtcNow() };
            if (await TryWriteAsync(name, ended, found, cancel)) return ended;
            await RequireFreeAsync(name, cancel);
        }
    }

    /// <summary>Ends a job whose message cannot be taken, which it may not have begun to be.</summary>
    /// <inheritdoc cref="EndAsync"/>
    public async Task<JobRecord?> RefuseAsync(JobMessage message, string reason, CancellationToken cancel)
    {
        var record = Fresh(message.Queue, message.Collection, message.Job, message.Generation, _ => message.Body);
        await store.TryCreateAsync(Names.Job(message.Collection, message.Job), record.ToJson(), cancel);
        return await EndAsync(message.Collection, message.Job, message.Generation, JobStatus.Failed, reason, cancel);
    }

    /// <summary>Decides about a job whose message became poison: it ends where it had the tries that are allowed, and is queued again where hosts or storage failed it instead.</summary>
    /// <param name="message">The job and its message.</param>
    /// <param name="reason">Why the message was given up.</param>
    /// <param name="patience">How long to wait for the lease of a process that was killed.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>The record as it stands then; a queued one's message has to be sent again, after <see cref="RequeueDelay"/>.</returns>
    /// <exception cref="ObjectLeasedException">A host works on it.</exception>
    public async Task<JobRecord> PoisonedAsync(JobMessage message, string reason, TimeSpan patience, CancellationToken cancel)
    {
        var (name, until) = (Names.Job(message.Collection, message.Job), time.GetUtcNow() + patience);
        while (true)
        {
            var found = await store.ReadAsync(name, cancel);
            var known = found is null ? null : JobRecord.Parse(found.Content);
            if (known is null || known.Generation < message.Generation) known = Fresh(message.Queue, message.Collection, message.Job, message.Generation, _ => message.Body);
            if (known.Generation > message.Generation || known.HasEnded) return known;
            var next = JobTransitions.Poisoned(known, options, reason, time.GetUtcNow());
            if (await TryWriteAsync(name, next, found, cancel)) return next;
            try
            {
                await RequireFreeAsync(name, cancel);
            }
            catch (ObjectLeasedException) when (time.GetUtcNow() < until)
            {
                await Task.Delay(Pause, time, cancel);
            }
        }
    }

    /// <summary>How long the message of a job stays hidden that became poison without its tries: a storage that is down for an hour must not use up all of them.</summary>
    public static TimeSpan RequeueDelay(JobRecord record) => TimeSpan.FromMinutes(Math.Min(60, Math.Pow(2, Math.Clamp(record.Requeued, 1, 7) - 1)));

    /// <summary>Queues a running job again whose host has given no sign of life for too long, or notes that a queued one's message is sent again.</summary>
    /// <param name="seen">The record as it was read.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>The record, whose message has to be sent; null where there is nothing to do.</returns>
    public async Task<JobRecord?> ReviveAsync(JobRecord seen, CancellationToken cancel)
    {
        if (!JobTransitions.IsStale(seen, options, time.GetUtcNow())) return null;
        var name = Names.Job(seen.Collection, seen.Job);
        if (await store.ReadAsync(name, cancel) is not { } found || JobRecord.Parse(found.Content) is not { } known || !JobTransitions.IsStale(known, options, time.GetUtcNow())) return null;
        var next = JobTransitions.Revived(known, time.GetUtcNow());
        return await store.TryReplaceAsync(name, next.ToJson(), found.Version, null, cancel) is null ? null : next;
    }

    private Task<bool> TryWriteAsync(ObjectName name, JobRecord record, StoredObject? found, CancellationToken cancel) => found is null
        ? store.TryCreateAsync(name, record.ToJson(), cancel)
        : ReplacedAsync(name, record, found.Version, cancel);

    private async Task<bool> ReplacedAsync(ObjectName name, JobRecord record, string version, CancellationToken cancel) =>
        await store.TryReplaceAsync(name, record.ToJson(), version, null, cancel) is not null;

    /// <summary>After a write that was refused: the record was changed meanwhile, or is leased, and a lease that can be had says which.</summary>
    private async Task RequireFreeAsync(ObjectName name, CancellationToken cancel)
    {
        if (await store.TryLeaseAsync(name, options.Lease, cancel) is not { } lease) throw new ObjectLeasedException(name);
        await store.ReleaseAsync(name, lease, CancellationToken.None);
    }

    private JobRecord Fresh(string queue, string collection, string job, int generation, Func<int, string> body) => new()
    {
        Job = job,
        Collection = collection,
        Queue = queue,
        Generation = generation,
        Status = JobStatus.Queued,
        Queued = time.GetUtcNow(),
        Message = body(generation),
    };
}

/// <summary>A job that is to be done.</summary>
/// <param name="Record">Its record.</param>
/// <param name="Send">Whether its message has to be sent.</param>
public sealed record QueuedJob(JobRecord Record, bool Send);

/// <summary>What came of taking a job.</summary>
/// <param name="Kind">Which of the five.</param>
/// <param name="Record">The record, where it is known.</param>
/// <param name="Run">The run, where it has begun; the caller ends it or gives it back, and disposes it.</param>
public sealed record JobStart(JobStartKind Kind, JobRecord? Record, JobRun? Run);

/// <summary>What can come of taking a job.</summary>
public enum JobStartKind
{
    /// <summary>This host works on it.</summary>
    Begun,

    /// <summary>Another host works on it: look again later.</summary>
    Busy,

    /// <summary>It has ended; the message can go.</summary>
    Ended,

    /// <summary>The message is of an earlier generation and can go.</summary>
    Older,

    /// <summary>It was begun too often and never ended; it is dead-lettered now.</summary>
    Exhausted,
}

/// <summary>A job is no longer this host's: another took it, or the storage could not be reached for too long.</summary>
/// <param name="job">The job id.</param>
/// <param name="cause">What it was noticed by.</param>
public sealed class LeaseLostException(string job, Exception? cause = null)
    : Exception($"The job {job} is no longer this host's; whoever has it now goes on with it.", cause);
