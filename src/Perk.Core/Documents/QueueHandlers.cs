using System.Text;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Core.Telemetry;

namespace Perk.Core.Documents;

/// <summary>
/// What every host does with a queue message: read it, run its job, keep the reason where it cannot be done. What is thrown from
/// here is worth another try.
/// </summary>
/// <param name="store">Where reasons go.</param>
/// <param name="ledger">The job records.</param>
/// <param name="jobs">Sees jobs through.</param>
/// <param name="encode">Works on encode messages.</param>
/// <param name="questions">Works on question messages.</param>
/// <param name="time">The clock.</param>
public sealed class QueueHandlers(IObjectStore store, JobLedger ledger, JobHost jobs, EncodeJob encode, QuestionsJob questions, TimeProvider time)
{
    /// <summary>Handles a message of the encode queue.</summary>
    /// <param name="messageId">The message's id, for the dead letter.</param>
    /// <param name="body">Its body, decoded from base64.</param>
    /// <param name="progress">Makes the receiver of a document's progress; may be null.</param>
    /// <param name="cancel">Checked before each micro-batch.</param>
    /// <returns>What came of it; null where the message is malformed (its dead letter has the reason).</returns>
    public Task<JobOutcome?> EncodeAsync(
        string messageId, ReadOnlyMemory<byte> body, Func<EncodeMessage, IProgress<EncodeProgress>?>? progress, CancellationToken cancel) =>
        UnlessMalformedAsync(Names.EncodeQueue, messageId, body, async () =>
        {
            var message = EncodeMessage.Parse(body);
            using var span = Traces.Handle(Names.EncodeQueue, messageId, message.Traceparent)?.SetTag("perk.job", message.Job);
            return await jobs.RunAsync(
                Of(Names.EncodeQueue, message.Collection, message.Job, message.Generation, body),
                () => Task.FromResult(true),
                run => encode.WorkAsync(message, progress?.Invoke(message), run),
                EncodeJob.IsFatal,
                cancel);
        }, cancel);

    /// <summary>Handles a message of the questions queue.</summary>
    /// <returns>What came of it; null where the message cannot be taken (its dead letter has the reason).</returns>
    public Task<JobOutcome?> QuestionsAsync(string messageId, ReadOnlyMemory<byte> body, CancellationToken cancel) =>
        UnlessMalformedAsync(Names.QuestionsQueue, messageId, body, async () =>
        {
            var message = QuestionsMessage.Parse(body);
            using var span = Traces.Handle(Names.QuestionsQueue, messageId, message.Traceparent)?.SetTag("perk.job", message.Job);
            await questions.IsAnsweredAsync(message, cancel); // Refused before its job is touched.
            return await jobs.RunAsync(
                Of(Names.QuestionsQueue, message.Collection, message.Job, message.Generation, body),
                () => questions.IsAnsweredAsync(message, cancel),
                run => questions.WorkAsync(message, run.Stopping),
                e => EncodeJob.IsFatal(e) || e is MessageFormatException, // an id that was taken meanwhile
                cancel);
        }, cancel);

    /// <summary>Keeps a message that a host gave up, with the reason, and ends its job so that nobody waits for it.</summary>
    public async Task PoisonedAsync(string queue, string messageId, ReadOnlyMemory<byte> body, string reason, CancellationToken cancel)
    {
        Instruments.DeadLetters.Add(1, Instruments.Queue(queue), new("perk.cause", "poison"));
        await DeadLetterAsync(queue, messageId, body, reason, cancel);
        try
        {
            if (queue == Names.EncodeQueue)
            {
                var message = EncodeMessage.Parse(body);
                await EndAsync(message.Collection, message.Job, message.Generation);
            }
            else if (queue == Names.QuestionsQueue)
            {
                var message = QuestionsMessage.Parse(body);
                await EndAsync(message.Collection, message.Job, message.Generation);
                await questions.DeadLetterAsync(message, reason, cancel);
            }
        }
        catch (MessageFormatException)
        {
            // It names no job; the dead letter is all there is to say.
        }

        Task EndAsync(string collection, string job, int generation) =>
            ledger.EndAsync(collection, job, generation, JobStatus.DeadLettered, reason, cancel);
    }

    private async Task<JobOutcome?> UnlessMalformedAsync(
        string queue, string messageId, ReadOnlyMemory<byte> body, Func<Task<JobOutcome>> handle, CancellationToken cancel)
    {
        try
        {
            var outcome = await handle();
            if (outcome is { Kind: JobOutcomeKind.Exhausted, Record.Reason: { } reason }) await PoisonedAsync(queue, messageId, body, reason, cancel);
            return outcome;
        }
        catch (MessageFormatException e)
        {
            Instruments.DeadLetters.Add(1, Instruments.Queue(queue), new("perk.cause", "malformed"));
            await DeadLetterAsync(queue, messageId, body, e.Message, cancel);
            return null;
        }
    }

    private static JobMessage Of(string queue, string collection, string job, int generation, ReadOnlyMemory<byte> body) =>
        new(queue, collection, job, generation, Encoding.UTF8.GetString(body.Span));

    private Task DeadLetterAsync(string queue, string messageId, ReadOnlyMemory<byte> body, string reason, CancellationToken cancel) =>
        DeadLetter.SaveAsync(store, queue, messageId, body, reason, time.GetUtcNow(), cancel);
}
