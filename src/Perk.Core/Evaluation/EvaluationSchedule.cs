using System.Text;
using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Core.Telemetry;

namespace Perk.Core.Evaluation;

/// <summary>
/// What a timer does: queues a suite for the report of the day, once a day and never two at once. Loads no model.
/// </summary>
/// <remarks>
/// A tick finds the job of the suite (<see cref="Names.EvaluateJob"/>) in one of these states. Running, for whichever day: nothing is sent; the day's report comes with the
/// tick after it. Queued for this checkpoint, for whichever day: its message is sent again, since it may have been lost, and its day stays. Queued for another checkpoint
/// that this host no longer serves: the next generation takes its place, and its message is dropped as older. Ended for this day and checkpoint: nothing is sent where the
/// report is there, or where the job failed, was given up or cancelled, which <c>perk jobs replay</c> does again; a report that was removed is made again. Otherwise, ended for another
/// day or checkpoint or never queued: the next generation begins, for the present day in UTC.
/// </remarks>
/// <param name="account">Blobs and queues.</param>
/// <param name="ledger">The job records.</param>
/// <param name="model">What is served.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told what is queued.</param>
public sealed class EvaluationSchedule(StorageAccount account, JobLedger ledger, ServedModel model, TimeProvider time, ILogger logger)
{
    /// <summary>Queues a suite.</summary>
    /// <param name="suite">Its name.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>The job, and whether its message was sent.</returns>
    /// <exception cref="ArgumentException">The name is none.</exception>
    public async Task<QueuedJob> QueueAsync(string suite, CancellationToken cancel)
    {
        using var span = Traces.Send(Names.EvaluateQueue);
        var message = new EvaluateMessage
        {
            Collection = Names.DefaultCollection,
            Suite = suite,
            Checkpoint = model.Id,
            Date = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime),
            Job = Names.EvaluateJob(suite),
            Traceparent = Traces.Traceparent(),
        };
        if (await JobRecord.FindEndedAsync(account.Objects, message.Collection, message.Job, cancel) is { Status: not JobStatus.Succeeded } ended && Asked(ended)?.Report == message.Report)
            return new QueuedJob(ended, Send: false);

        var queued = await ledger.QueueAsync(
            Names.EvaluateQueue, message.Collection, message.Job, generation => (message with { Generation = generation }).ToJson(),
            () => EvaluationJob.IsDoneAsync(account.Objects, message.Report, cancel), cancel, record => Asked(record)?.Checkpoint == model.Id);
        if (!queued.Send) return queued;
        await account.SendAsync(Names.EvaluateQueue, Encoding.UTF8.GetBytes(queued.Record.Message), TimeSpan.Zero, cancel);
        EvaluationTold.Queued(logger, suite, message.Job, Asked(queued.Record)?.Date ?? message.Date);
        return queued;
    }

    /// <summary>What a record's message asks for; null where it is of a form that is unknown here.</summary>
    private static EvaluateMessage? Asked(JobRecord record)
    {
        try
        {
            return EvaluateMessage.Parse(record.Message);
        }
        catch (MessageFormatException)
        {
            return null;
        }
    }
}
