using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Http;

/// <summary>A job as it is shown: its record without the message.</summary>
/// <param name="Job">The job id.</param>
/// <param name="Collection">The collection.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Reason">Why it did not succeed, or why its last try did not.</param>
/// <param name="Generation">How often it was submitted or replayed after an end, from 1.</param>
/// <param name="Attempt">Tries begun in this generation.</param>
/// <param name="Progress">How far the running try is.</param>
/// <param name="Queued">When it was submitted.</param>
/// <param name="Started">When the last try began.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Adapter">The adapter it makes; null for questions.</param>
/// <param name="Answers">The addresses of its answers; null for documents.</param>
public sealed record JobView(
    string Job, string Collection, JobStatus Status, string? Reason, int Generation, int Attempt, JobProgress? Progress,
    DateTimeOffset Queued, DateTimeOffset? Started, DateTimeOffset? Ended, string? Adapter, IReadOnlyList<string>? Answers)
{
    /// <summary>A record as it is shown.</summary>
    public static JobView Of(JobRecord record) => new(
        record.Job, record.Collection, record.Status, record.Reason, record.Generation, record.Attempt, record.Progress, record.Queued, record.Started, record.Ended,
        record.Queue == Names.EncodeQueue ? Names.AdapterOf(record.Job) : null,
        record.Queue == Names.QuestionsQueue ? [.. QuestionsMessage.Parse(record.Message).Questions.Select(q => Routes.OfAnswer(record.Collection, q.Id))] : null);
}
