using System.Text;
using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Core.Jobs;

/// <summary>What people do with jobs: replay, cancel, purge.</summary>
/// <param name="account">Blobs and queues.</param>
/// <param name="ledger">The job records.</param>
public sealed class JobControl(StorageAccount account, JobLedger ledger)
{
    private readonly BlobStore _store = account.Objects;

    /// <summary>Does a job again that ended without success: its next generation, with the message of the last.</summary>
    /// <returns>The new record; null where the job stands otherwise meanwhile.</returns>
    public async Task<JobRecord?> ReplayAsync(JobRecord record, CancellationToken cancel)
    {
        if (record is not { HasEnded: true, Status: not JobStatus.Succeeded }) return null;
        if (record.Queue == Names.QuestionsQueue)
        {
            foreach (var question in QuestionsMessage.Parse(record.Message).Questions)
                await StoredAnswer.ForgetFailureAsync(_store, record.Collection, question.Id, cancel);
        }

        var queued = await ledger.QueueAsync(record.Queue, record.Collection, record.Job, generation => Body(record, generation), () => Task.FromResult(true), cancel);
        if (queued.Send) await SendAsync(queued.Record, cancel);
        return queued.Send ? queued.Record : null;
    }

    /// <summary>Cancels a job: a queued one at once, a running one at its host's next sign of life.</summary>
    /// <returns>Whether it is cancelled already; null where it has ended.</returns>
    public async Task<bool?> CancelAsync(JobRecord record, CancellationToken cancel)
    {
        const string Reason = "It was cancelled before it ran.";
        try
        {
            if (await ledger.EndAsync(record.Collection, record.Job, record.Generation, JobStatus.Cancelled, Reason, cancel) is null) return null;
            if (record.Queue != Names.QuestionsQueue) return true;
            foreach (var question in QuestionsMessage.Parse(record.Message).Questions)
            {
                await new StoredAnswer
                {
                    Id = question.Id, Question = question.Text, Status = JobStatus.Cancelled, Reason = Reason,
                    Checkpoint = QuestionsMessage.Parse(record.Message).Checkpoint, Answered = ledger.Now,
                }.SaveAsync(_store, record.Collection, cancel);
            }

            return true;
        }
        catch (ObjectLeasedException)
        {
            await _store.WriteAsync(Names.CancelRequest(record.Collection, record.Job), ReadOnlyMemory<byte>.Empty, cancel);
            return false;
        }
    }

    /// <summary>Removes the record of a job that has ended; what it made stays.</summary>
    /// <returns>False where it stands otherwise meanwhile.</returns>
    public async Task<bool> PurgeAsync(JobRecord record, CancellationToken cancel)
    {
        if (!record.HasEnded || await JobRecord.FindEndedAsync(_store, record.Collection, record.Job, cancel) is not { } now || now.Generation != record.Generation) return false;
        await _store.DeleteAsync(Names.CancelRequest(record.Collection, record.Job), cancel);
        return await _store.DeleteAsync(Names.Job(record.Collection, record.Job), cancel);
    }

    /// <summary>Sends a job's message.</summary>
    internal Task SendAsync(JobRecord record, CancellationToken cancel) =>
        account.SendAsync(record.Queue, Encoding.UTF8.GetBytes(record.Message), TimeSpan.Zero, cancel);

    private static string Body(JobRecord record, int generation) => record.Queue == Names.EncodeQueue
        ? (EncodeMessage.Parse(record.Message) with { Generation = generation }).ToJson()
        : (QuestionsMessage.Parse(record.Message) with { Generation = generation }).ToJson();
}
