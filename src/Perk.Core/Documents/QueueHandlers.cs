using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>
/// What every host does with a queue message: read it, run its job, keep the reason where it cannot be done. What is thrown from
/// here is worth another try.
/// </summary>
/// <param name="store">Where results and reasons go.</param>
/// <param name="encode">Runs encode messages.</param>
/// <param name="questions">Runs question messages.</param>
/// <param name="time">The clock.</param>
public sealed class QueueHandlers(IObjectStore store, EncodeJob encode, QuestionsJob questions, TimeProvider time)
{
    /// <summary>Handles a message of the encode queue.</summary>
    /// <param name="messageId">The message's id, for the dead letter.</param>
    /// <param name="body">Its body, decoded from base64.</param>
    /// <param name="progress">Makes the receiver of a document's progress; may be null.</param>
    /// <param name="cancel">Checked before each micro-batch.</param>
    /// <returns>The job's result; null where the message is malformed (its dead letter has the reason).</returns>
    public async Task<JobResult?> EncodeAsync(
        string messageId, ReadOnlyMemory<byte> body, Func<EncodeMessage, IProgress<EncodeProgress>?>? progress, CancellationToken cancel)
    {
        EncodeMessage message;
        try
        {
            message = EncodeMessage.Parse(body);
        }
        catch (MessageFormatException e)
        {
            await DeadLetterAsync(Names.EncodeQueue, messageId, body, e.Message, cancel);
            return null;
        }

        return await encode.HandleAsync(message, progress?.Invoke(message), cancel);
    }

    /// <summary>Handles a message of the questions queue.</summary>
    /// <returns>What came of it; where it has to wait, send the same body again, to be seen later.</returns>
    public async Task<QuestionsOutcome> QuestionsAsync(string messageId, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        QuestionsMessage message;
        try
        {
            message = QuestionsMessage.Parse(body);
        }
        catch (MessageFormatException e)
        {
            await DeadLetterAsync(Names.QuestionsQueue, messageId, body, e.Message, cancel);
            return QuestionsOutcome.Refused(e.Message);
        }

        var outcome = await questions.HandleAsync(message, cancel);
        if (outcome is { Kind: QuestionsOutcomeKind.Refused, Reason: { } reason })
            await DeadLetterAsync(Names.QuestionsQueue, messageId, body, reason, cancel);
        return outcome;
    }

    /// <summary>Keeps a message that a host gave up, with the reason, and ends its job so that nobody waits for it.</summary>
    public async Task PoisonedAsync(string queue, string messageId, ReadOnlyMemory<byte> body, string reason, CancellationToken cancel)
    {
        await DeadLetterAsync(queue, messageId, body, reason, cancel);
        try
        {
            if (queue == Names.EncodeQueue)
            {
                var message = EncodeMessage.Parse(body);
                var result = new JobResult(1, message.Job, message.Generation, JobStatus.DeadLettered, reason, time.GetUtcNow());
                await result.SaveAsync(store, message.Collection, cancel);
            }
            else if (queue == Names.QuestionsQueue)
            {
                await questions.DeadLetterAsync(QuestionsMessage.Parse(body), reason, cancel);
            }
        }
        catch (MessageFormatException)
        {
            // It names no job; the dead letter is all there is to say.
        }
    }

    private Task DeadLetterAsync(string queue, string messageId, ReadOnlyMemory<byte> body, string reason, CancellationToken cancel) =>
        DeadLetter.SaveAsync(store, queue, messageId, body, reason, time.GetUtcNow(), cancel);
}
