using System.Text;
using Perk.Core.Evaluation;
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
/// <param name="evaluation">Works on evaluate messages.</param>
/// <param name="time">The clock.</param>
public sealed class QueueHandlers(IObjectStore store, JobLedger ledger, JobHost jobs, EncodeJob encode, QuestionsJob questions, EvaluationJob evaluation, TimeProvider time)
{
    /// <summary>How long a host waits, when it gives up a message, for the lease of a process that was killed.</summary>
    public static readonly TimeSpan Patience = JobOptions.LongestLease + TimeSpan.FromSeconds(5);

    /// <summary>Handles a message of the encode queue.</summary>
    /// <param name="messageId">The message's id, for the dead letter.</param>
    /// <param name="body">Its body, decoded from base64.</param>
    /// <param name="progress">Makes the receiver of a document's progress; may be null.</param>
    /// <param name="cancel">Checked before each micro-batch.</param>
    /// <returns>What came of it; null where the message is malformed (its dead letter has the reason).</returns>
    public async Task<JobOutcome?> EncodeAsync(
        string messageId, ReadOnlyMemory<byte> body, Func<EncodeMessage, IProgress<EncodeProgress>?>? progress, CancellationToken cancel)
    {
        try
        {
            var message = EncodeMessage.Parse(body);
            using var span = Traces.Handle(Names.EncodeQueue, messageId, message.Traceparent)?.SetTag("perk.job", message.Job);
            var outcome = await jobs.RunAsync(
                Of(message, body),
                () => encode.IsDoneAsync(message, cancel),
                run => encode.WorkAsync(message, progress?.Invoke(message), run),
                EncodeJob.IsFatal,
                cancel);
            if (IsGivenUp(outcome, message.Generation)) await GivenUpAsync(Names.EncodeQueue, messageId, body, outcome, cancel);
            return outcome;
        }
        catch (MessageFormatException e)
        {
            await MalformedAsync(Names.EncodeQueue, messageId, body, e.Message, cancel);
            return null;
        }
    }

    /// <summary>Handles a message of the questions queue.</summary>
    /// <returns>What came of it; null where the message cannot be taken (its dead letter has the reason).</returns>
    public async Task<JobOutcome?> QuestionsAsync(string messageId, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        QuestionsMessage? message = null;
        try
        {
            message = QuestionsMessage.Parse(body);
            using var span = Traces.Handle(Names.QuestionsQueue, messageId, message.Traceparent)?.SetTag("perk.job", message.Job);
            await questions.RequireFreeIdsAsync(message, cancel); // Refused before its job is touched.
            var outcome = await jobs.RunAsync(
                Of(message, body),
                () => questions.HasEndedAsync(message, cancel),
                run => questions.WorkAsync(message, run),
                e => EncodeJob.IsFatal(e) || e is MessageFormatException, // an id that was taken meanwhile
                cancel);
            if (IsGivenUp(outcome, message.Generation)) await GivenUpAsync(Names.QuestionsQueue, messageId, body, outcome, cancel);
            if (outcome.Kind != JobOutcomeKind.Wait) await questions.EndOpenAsync(message, outcome.Record!, cancel);
            return outcome;
        }
        catch (MessageFormatException e)
        {
            await MalformedAsync(Names.QuestionsQueue, messageId, body, e.Message, cancel);
            if (message is not null) await RefusedAsync(message, body, e.Message, cancel);
            return null;
        }
    }

    /// <summary>Handles a message of the evaluate queue.</summary>
    /// <inheritdoc cref="EncodeAsync"/>
    public async Task<JobOutcome?> EvaluateAsync(string messageId, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        try
        {
            var message = EvaluateMessage.Parse(body);
            using var span = Traces.Handle(Names.EvaluateQueue, messageId, message.Traceparent)?.SetTag("perk.job", message.Job);
            var outcome = await jobs.RunAsync(Of(message, body), () => evaluation.IsDoneAsync(message, cancel), run => evaluation.WorkAsync(message, run), EvaluationJob.IsFatal, cancel);
            if (IsGivenUp(outcome, message.Generation)) await GivenUpAsync(Names.EvaluateQueue, messageId, body, outcome, cancel);
            return outcome;
        }
        catch (MessageFormatException e)
        {
            await MalformedAsync(Names.EvaluateQueue, messageId, body, e.Message, cancel);
            return null;
        }
    }

    /// <summary>Keeps a message that a host gave up, with the reason, and decides about its job: it ends, so that nobody waits for it, or is queued again where it had fewer tries than allowed.</summary>
    /// <param name="queue">The queue it came from.</param>
    /// <param name="messageId">Its id.</param>
    /// <param name="body">Its body.</param>
    /// <param name="reason">Why it was given up.</param>
    /// <param name="patience">How long to wait for the lease of a process that was killed.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>The job whose message has to be sent again, after <see cref="JobLedger.RequeueDelay"/>; null for none.</returns>
    /// <exception cref="ObjectLeasedException">A host works on the job: leave the message where it is.</exception>
    public async Task<JobRecord?> PoisonedAsync(
        string queue, string messageId, ReadOnlyMemory<byte> body, string reason, TimeSpan patience, CancellationToken cancel)
    {
        var (job, asked) = Parsed(queue, body);
        var record = job is null ? null : await ledger.PoisonedAsync(job, reason, patience, cancel);
        if (record is { Status: JobStatus.Queued }) return record.Generation == job!.Generation ? record : null;
        if (record is not { Status: JobStatus.Succeeded }) // Done all the same: there is nothing to keep.
        {
            Count(queue, "poison");
            await DeadLetterAsync(queue, messageId, body, record is { Status: JobStatus.DeadLettered, Reason: { } known } ? known : reason, cancel);
        }

        if (record is { Status: JobStatus.DeadLettered } && record.Generation == job!.Generation)
            Instruments.JobsEnded.Add(1, Instruments.Queue(queue), Instruments.Status(record.Status), Instruments.Fault(FaultKind.Exhausted));
        if (asked is not null && record is not null) await questions.EndOpenAsync(asked, record, cancel);
        return null;
    }

    /// <summary>The job that a message names; nothing where it names none, and the dead letter is all there is to say.</summary>
    private static (JobMessage? Job, QuestionsMessage? Asked) Parsed(string queue, ReadOnlyMemory<byte> body)
    {
        try
        {
            if (queue == Names.EncodeQueue) return (Of(EncodeMessage.Parse(body), body), null);
            if (queue == Names.EvaluateQueue) return (Of(EvaluateMessage.Parse(body), body), null);
            if (queue != Names.QuestionsQueue) return default;
            var asked = QuestionsMessage.Parse(body);
            return (Of(asked, body), asked);
        }
        catch (MessageFormatException)
        {
            return default;
        }
    }

    /// <summary>A job whose message cannot be taken for a question's id: it ends, and its other questions with it.</summary>
    private async Task RefusedAsync(QuestionsMessage message, ReadOnlyMemory<byte> body, string reason, CancellationToken cancel)
    {
        try
        {
            if (await ledger.RefuseAsync(Of(message, body), reason, cancel) is not { } ended) return;
            Instruments.JobsEnded.Add(1, Instruments.Queue(Names.QuestionsQueue), Instruments.Status(ended.Status), Instruments.Fault(FaultKind.Message));
            await questions.EndOpenAsync(message, ended, cancel);
        }
        catch (ObjectLeasedException)
        {
            // A host works on it, by another copy of the message, and meets the same.
        }
    }

    private static bool IsGivenUp(JobOutcome outcome, int generation) =>
        outcome is { Kind: JobOutcomeKind.Exhausted or JobOutcomeKind.Dropped, Record: { Status: JobStatus.DeadLettered, Reason: not null } record } && record.Generation == generation;

    private static JobMessage Of(EncodeMessage message, ReadOnlyMemory<byte> body) => Of(Names.EncodeQueue, message.Collection, message.Job, message.Generation, body);

    private static JobMessage Of(QuestionsMessage message, ReadOnlyMemory<byte> body) => Of(Names.QuestionsQueue, message.Collection, message.Job, message.Generation, body);

    private static JobMessage Of(EvaluateMessage message, ReadOnlyMemory<byte> body) =>
        Of(Names.EvaluateQueue, message.Collection, message.Job, message.Generation, body);

    private static JobMessage Of(string queue, string collection, string job, int generation, ReadOnlyMemory<byte> body) =>
        new(queue, collection, job, generation, Encoding.UTF8.GetString(body.Span));

    private Task GivenUpAsync(string queue, string messageId, ReadOnlyMemory<byte> body, JobOutcome outcome, CancellationToken cancel)
    {
        if (outcome.Kind == JobOutcomeKind.Exhausted) Count(queue, "poison");
        return DeadLetterAsync(queue, messageId, body, outcome.Record!.Reason!, cancel);
    }

    private static void Count(string queue, string cause) => Instruments.DeadLetters.Add(1, Instruments.Queue(queue), new("perk.cause", cause));

    private Task MalformedAsync(string queue, string messageId, ReadOnlyMemory<byte> body, string reason, CancellationToken cancel)
    {
        Count(queue, "malformed");
        return DeadLetterAsync(queue, messageId, body, reason, cancel);
    }

    private Task DeadLetterAsync(string queue, string messageId, ReadOnlyMemory<byte> body, string reason, CancellationToken cancel) =>
        DeadLetter.SaveAsync(store, queue, messageId, body, reason, time.GetUtcNow(), cancel);
}
