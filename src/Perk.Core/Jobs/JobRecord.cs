using System.Text.Json;
using System.Text.Json.Serialization;
using Perk.Core.Storage;

namespace Perk.Core.Jobs;

/// <summary>What is known of a job: the blob <c>jobs/{collection}/{job id}.json</c>.</summary>
public sealed record JobRecord
{
    /// <summary>The form this code writes.</summary>
    public const int CurrentForm = 2;

    /// <summary>The form of this record.</summary>
    public int V { get; init; } = CurrentForm;

    /// <summary>The job id.</summary>
    public required string Job { get; init; }

    /// <summary>The collection it belongs to.</summary>
    public required string Collection { get; init; }

    /// <summary>The queue its messages go through.</summary>
    public required string Queue { get; init; }

    /// <summary>How often it was submitted or replayed after an end, from 1; messages of an earlier generation are dropped.</summary>
    public required int Generation { get; init; }

    /// <summary>Where it stands.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>Why it did not succeed, or why its last try did not: what is wrong and what would be right.</summary>
    public string? Reason { get; init; }

    /// <summary>Tries begun in this generation; one that a stopping host gave back does not count, nor one whose process died before it computed.</summary>
    public int Attempt { get; init; }

    /// <summary>When the last try began to compute; null where it has not come to that.</summary>
    public DateTimeOffset? Computing { get; init; }

    /// <summary>Tries of this generation whose process died before they computed: something else killed it.</summary>
    public int Idle { get; init; }

    /// <summary>Who works on it, or did last: machine and process.</summary>
    public string? Worker { get; init; }

    /// <summary>How far the running try is.</summary>
    public JobProgress? Progress { get; init; }

    /// <summary>When this generation was submitted.</summary>
    public required DateTimeOffset Queued { get; init; }

    /// <summary>When its message was last sent again, by a sweep, after poison, or because it had to wait.</summary>
    public DateTimeOffset? Resent { get; init; }

    /// <summary>How often its message was sent again after it had become poison without the allowed tries.</summary>
    public int Requeued { get; init; }

    /// <summary>Whether its last message is known to be gone; a cancelled job's record stays until then, or the message would bring the job back.</summary>
    public bool Settled { get; init; }

    /// <summary>When the last try began.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When its worker last gave a sign of life.</summary>
    public DateTimeOffset? Heartbeat { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>The message's body, from which it can be replayed.</summary>
    public required string Message { get; init; }

    /// <summary>Whether nothing more happens in this generation.</summary>
    [JsonIgnore]
    public bool HasEnded => Status is not (JobStatus.Queued or JobStatus.Running);

    /// <summary>The record as a file.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json.Indented);

    /// <summary>Reads a record; null where the bytes are not one.</summary>
    public static JobRecord? Parse(byte[] bytes) => Json.Read<JobRecord>(bytes) is { V: CurrentForm, Job.Length: > 0, Message: not null, Generation: > 0, Attempt: >= 0, Idle: >= 0 } record ? record : null;

    /// <summary>The record of a job, or null while it has none; a damaged one counts as none.</summary>
    public static async Task<JobRecord?> FindAsync(IObjectStore store, string collection, string job, CancellationToken cancel) =>
        await store.ReadAllBytesAsync(Names.Job(collection, job), cancel) is { } json ? Parse(json) : null;

    /// <summary>The record of a job that has ended, or null.</summary>
    public static async Task<JobRecord?> FindEndedAsync(IObjectStore store, string collection, string job, CancellationToken cancel) =>
        await FindAsync(store, collection, job, cancel) is { HasEnded: true } record ? record : null;
}

/// <summary>How far a try is. An evaluation counts its contexts as steps and its questions as tokens.</summary>
/// <param name="Step">The running inner step, from 1.</param>
/// <param name="Steps">How many there are.</param>
/// <param name="Tokens">Tokens done, counted once for each step.</param>
/// <param name="Total">Tokens to do.</param>
/// <param name="Loss">The loss per token in nats of the running step; null where it is not finite.</param>
public sealed record JobProgress(int Step, int Steps, long Tokens, long Total, double? Loss);
