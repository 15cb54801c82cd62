using System.Runtime.CompilerServices;
using Perk.Core.Storage;

namespace Perk.Core.Jobs;

/// <summary>The records of jobs, found by what they have in common.</summary>
/// <param name="store">Where they are.</param>
public sealed class JobCatalog(IObjectStore store)
{
    private const int ReadAtOnce = 16;

    /// <summary>Records, by collection and job id.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancel">Cancels.</param>
    public async IAsyncEnumerable<JobRecord> ListAsync(JobFilter filter, [EnumeratorCancellation] CancellationToken cancel)
    {
        var paths = store.ListAsync(Names.Jobs, filter.Collection is { } collection ? collection + "/" : "", cancel).Where(path => path.EndsWith(".json", StringComparison.Ordinal));
        await foreach (var some in paths.Chunk(ReadAtOnce).WithCancellation(cancel))
        {
            foreach (var json in await Task.WhenAll(some.Select(path => store.ReadAllBytesAsync(new ObjectName(Names.Jobs, path), cancel))))
                if (json is not null && JobRecord.Parse(json) is { } record && filter.Takes(record)) yield return record;
        }
    }
}

/// <summary>Which jobs are meant; what is null takes all.</summary>
/// <param name="Collection">The collection.</param>
/// <param name="Statuses">Where they stand.</param>
/// <param name="Queue">Their queue.</param>
/// <param name="Jobs">The job ids, or how they begin; in either case <see cref="Exact"/> leaves those that only begin like one that there is.</param>
/// <param name="EndedBefore">When they ended, at the latest.</param>
public sealed record JobFilter(
    string? Collection = null, IReadOnlyCollection<JobStatus>? Statuses = null, string? Queue = null, IReadOnlyCollection<string>? Jobs = null, DateTimeOffset? EndedBefore = null)
{
    /// <summary>Where a job has just the id that was given, those whose ids only begin like it are not meant.</summary>
    public IReadOnlyList<JobRecord> Exact(IReadOnlyList<JobRecord> found)
    {
        if (Jobs is null) return found;
        var whole = found.Select(r => r.Job).Intersect(Jobs, StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        return [.. found.Where(r => whole.Contains(r.Job) || Jobs.Any(job => !whole.Contains(job) && r.Job.StartsWith(job, StringComparison.Ordinal)))];
    }

    /// <summary>Whether a job is meant.</summary>
    public bool Takes(JobRecord record) =>
        (Collection is null || record.Collection == Collection)
        && (Statuses is null || Statuses.Contains(record.Status))
        && (Queue is null || record.Queue == Queue)
        && (Jobs is null || Jobs.Any(job => record.Job.StartsWith(job, StringComparison.Ordinal)))
        && (EndedBefore is null || record.Ended < EndedBefore);
}
