using System.Globalization;
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
        var queued = await ledger.QueueAsync(record.Queue, record.Collection, record.Job, generation => Body(record, generation), () => Task.FromResult(true), cancel);
        if (!queued.Send) return null;
        if (record.Queue == Names.QuestionsQueue)
        {
            foreach (var question in QuestionsMessage.Parse(record.Message).Questions)
                await StoredAnswer.ForgetFailureAsync(_store, record.Collection, question.Id, cancel);
        }

        await SendAsync(queued.Record, TimeSpan.Zero, cancel);
        return queued.Record;
    }

    /// <summary>Cancels a job: a queued one at once, a running one at its host's next sign of life.</summary>
    /// <returns>Whether it is cancelled already; null where it has ended.</returns>
    public async Task<bool?> CancelAsync(JobRecord record, CancellationToken cancel)
    {
        var reason = $"It was cancelled before it ran; perk jobs replay {record.Job} does it all the same.";
        try
        {
            if (await ledger.EndAsync(record.Collection, record.Job, record.Generation, JobStatus.Cancelled, reason, cancel) is null) return null;
            if (record.Queue != Names.QuestionsQueue) return true;
            var message = QuestionsMessage.Parse(record.Message);
            foreach (var question in message.Questions)
            {
                await new StoredAnswer
                {
                    Id = question.Id, Question = question.Text, Status = JobStatus.Cancelled, Reason = reason,
                    Checkpoint = message.Checkpoint, Answered = ledger.Now,
                }.SaveAsync(_store, record.Collection, cancel);
            }

            return true;
        }
        catch (ObjectLeasedException)
        {
            await _store.WriteAsync(Names.CancelRequest(record.Collection, record.Job), Encoding.UTF8.GetBytes(CancelRequest(record.Generation)), cancel);
            return false;
        }
    }

    /// <summary>Removes the record of a job that has ended; what it made stays. A cancelled one's message must have come to a host before, or it would bring the job back.</summary>
    /// <returns>False where it stands otherwise meanwhile, or its message is still on the way.</returns>
    public async Task<bool> PurgeAsync(JobRecord record, CancellationToken cancel)
    {
        if (!record.HasEnded || record is { Status: JobStatus.Cancelled, Settled: false } || await JobRecord.FindEndedAsync(_store, record.Collection, record.Job, cancel) is not { } now || now.Generation != record.Generation) return false;
        await _store.DeleteAsync(Names.CancelRequest(record.Collection, record.Job), cancel);
        return await _store.DeleteAsync(Names.Job(record.Collection, record.Job), cancel);
    }

    /// <summary>What a request to cancel a generation says.</summary>
    internal static string CancelRequest(int generation) => generation.ToString(CultureInfo.InvariantCulture);

    /// <summary>Sends a job's message.</summary>
    /// <param name="record">The job.</param>
    /// <param name="delay">How long it stays hidden.</param>
    /// <param name="cancel">Cancels.</param>
    public Task SendAsync(JobRecord record, TimeSpan delay, CancellationToken cancel) =>
        account.SendAsync(record.Queue, Encoding.UTF8.GetBytes(record.Message), delay, cancel);

    private static string Body(JobRecord record, int generation) => record.Queue switch
    {
        Names.EncodeQueue => (EncodeMessage.Parse(record.Message) with { Generation = generation }).ToJson(),
        Names.EvaluateQueue => (EvaluateMessage.Parse(record.Message) with { Generation = generation }).ToJson(),
        _ => (QuestionsMessage.Parse(record.Message) with { Generation = generation, Deadline = null }).ToJson(), // It may have passed long ago.
    };
}
