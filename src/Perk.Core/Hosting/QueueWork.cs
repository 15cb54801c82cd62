using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Core.Hosting;

/// <summary>What every host does with the messages of each queue and of its poison queue: Azure Functions and the local host alike.</summary>
/// <param name="account">Blobs and queues.</param>
/// <param name="handlers">Sees jobs through.</param>
/// <param name="control">Sends messages again.</param>
/// <param name="arrivals">Takes what was uploaded.</param>
/// <param name="inFlight">Sees to it that no work is cut off.</param>
/// <param name="settings">How long messages wait.</param>
/// <param name="logger">Told what happens.</param>
public sealed class QueueWork(StorageAccount account, QueueHandlers handlers, JobControl control, Arrivals arrivals, WorkInFlight inFlight, HostSettings settings, ILogger logger)
{
    /// <summary>Makes the receiver of a document's progress; null logs each inner step.</summary>
    public Func<EncodeMessage, IProgress<EncodeProgress>?>? Progress { get; set; }

    /// <summary>Works on a message. The host deletes it when this returns; what this throws is worth another try.</summary>
    /// <param name="queue">The queue it came from, one of <see cref="Names.Queues"/>.</param>
    /// <param name="messageId">Its id.</param>
    /// <param name="body">Its body, decoded from base64.</param>
    /// <param name="cancel">The host stops; checked before each micro-batch.</param>
    public Task RunAsync(string queue, string messageId, ReadOnlyMemory<byte> body, CancellationToken cancel) =>
        inFlight.RunAsync(stop => DoAsync(queue, messageId, body, stop), cancel);

    /// <summary>Deals with a message that was given up: keeps it with the reason, and ends its job or queues it again.</summary>
    /// <param name="queue">The queue it came from, without <c>-poison</c>.</param>
    /// <param name="messageId">Its id.</param>
    /// <param name="body">Its body, decoded from base64.</param>
    /// <param name="reason">Why it was given up; null where only its poison queue says that.</param>
    /// <param name="cancel">The host stops.</param>
    public Task PoisonedAsync(string queue, string messageId, ReadOnlyMemory<byte> body, string? reason, CancellationToken cancel) =>
        inFlight.RunAsync(stop => GiveUpAsync(queue, messageId, body, reason, stop), cancel);

    private async Task DoAsync(string queue, string messageId, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        if (queue == Names.ArrivalsQueue)
        {
            await arrivals.TakeAsync(messageId, body, cancel);
            return;
        }

        var outcome = queue switch
        {
            Names.EncodeQueue => await handlers.EncodeAsync(messageId, body, Begin, cancel),
            Names.QuestionsQueue => await handlers.QuestionsAsync(messageId, body, cancel),
            Names.EvaluateQueue => await handlers.EvaluateAsync(messageId, body, cancel),
            _ => throw new ArgumentException($"'{queue}' is no queue of this system; there are {string.Join(", ", Names.Queues)}.", nameof(queue)),
        };
        if (outcome is null) HostLog.Malformed(logger, queue, messageId);
        if (outcome is not { Kind: JobOutcomeKind.Wait }) return;

        // Sent before this one is deleted: a crash in between asks twice, which is done once, and loses nothing.
        await account.SendAsync(queue, body, settings.QuestionWait, cancel);
        HostLog.Waiting(logger, messageId, settings.QuestionWait);
    }

    private async Task GiveUpAsync(string queue, string messageId, ReadOnlyMemory<byte> body, string? reason, CancellationToken cancel)
    {
        reason ??= $"Its message was found in the queue {Names.PoisonOf(queue)}: it failed or killed its host as often as is allowed.";
        try
        {
            if (await handlers.PoisonedAsync(queue, messageId, body, reason, QueueHandlers.Patience, cancel) is not { } again) return;
            HostLog.Requeued(logger, again.Job, again.Attempt, JobLedger.RequeueDelay(again));
            await control.SendAsync(again, JobLedger.RequeueDelay(again), cancel);
        }
        catch (ObjectLeasedException)
        {
            // A host works on the job. A poison queue has none of its own: what fails there too often is only hidden again and again.
            await account.SendAsync(Names.PoisonOf(queue), body, QueueHandlers.Patience, cancel);
        }
    }

    private IProgress<EncodeProgress>? Begin(EncodeMessage message)
    {
        HostLog.Begins(logger, message.Job, message.Document);
        return Progress is null ? new StepLog(logger, message.Job) : Progress(message);
    }
}
