using System.Text.Json;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>How a job ended: the blob <c>jobs/{collection}/{job id}.json</c>.</summary>
/// <param name="V">The form of this record.</param>
/// <param name="Job">The job id.</param>
/// <param name="Generation">The generation of the message that ended it.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Reason">Where it did not succeed: what is wrong and what would be right.</param>
/// <param name="Ended">When.</param>
public sealed record JobResult(int V, string Job, int Generation, JobStatus Status, string? Reason, DateTimeOffset Ended)
{
    /// <summary>Stores it, in place of an earlier one; a success stays, whatever a stray message of the job comes to.</summary>
    public async Task SaveAsync(IObjectStore store, string collection, CancellationToken cancel)
    {
        if (Status != JobStatus.Succeeded && await FindAsync(store, collection, Job, cancel) is { Status: JobStatus.Succeeded })
            return;
        await store.WriteAsync(Names.Job(collection, Job), JsonSerializer.SerializeToUtf8Bytes(this, Json.Indented), cancel);
    }

    /// <summary>Removes the result of a try that did not succeed, so that nobody takes it for the next one's.</summary>
    public static async Task ForgetFailureAsync(IObjectStore store, string collection, string job, CancellationToken cancel)
    {
        if (await FindAsync(store, collection, job, cancel) is { Status: not JobStatus.Succeeded })
            await store.DeleteAsync(Names.Job(collection, job), cancel);
    }

    /// <summary>The result of a job, or null while it has none; a damaged one counts as none.</summary>
    public static async Task<JobResult?> FindAsync(IObjectStore store, string collection, string job, CancellationToken cancel) =>
        await store.ReadAllBytesAsync(Names.Job(collection, job), cancel) is { } json && Json.Read<JobResult>(json) is { V: 1, Job.Length: > 0 } result
            ? result
            : null;
}

/// <summary>How a job ended.</summary>
public enum JobStatus
{
    /// <summary>It did what was asked.</summary>
    Succeeded,

    /// <summary>It cannot be done as asked; the reason says what to do.</summary>
    Failed,

    /// <summary>Its message was given up after the allowed tries.</summary>
    DeadLettered,
}
