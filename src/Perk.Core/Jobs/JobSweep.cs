using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Core.Jobs;

/// <summary>
/// Finds what nobody works on any more: runs without a sign of life, messages that may have been lost, and messages in poison
/// queues, which in Azure expire after seven days.
/// </summary>
/// <param name="account">Blobs and queues.</param>
/// <param name="ledger">The job records.</param>
/// <param name="handlers">Keeps poison messages and ends their jobs.</param>
public sealed class JobSweep(StorageAccount account, JobLedger ledger, QueueHandlers handlers)
{
    private static readonly TimeSpan Hidden = TimeSpan.FromMinutes(1);

    /// <summary>Sweeps once.</summary>
    public async Task<SweepReport> RunAsync(CancellationToken cancel)
    {
        var revived = new List<JobRecord>();
        var open = new JobFilter(Statuses: [JobStatus.Queued, JobStatus.Running]);
        var control = new JobControl(account, ledger);
        await foreach (var record in new JobCatalog(account.Objects).ListAsync(open, cancel))
        {
            if (await ledger.ReviveAsync(record, cancel) is not { } again) continue;
            await control.SendAsync(again, cancel);
            revived.Add(again);
        }

        var poison = 0;
        foreach (var queue in new[] { Names.EncodeQueue, Names.QuestionsQueue }) poison += await PoisonAsync(queue, cancel);
        return new SweepReport(revived, poison);
    }

    private async Task<int> PoisonAsync(string queue, CancellationToken cancel)
    {
        var from = account.Queue(Names.PoisonOf(queue));
        if (!await from.ExistsAsync(cancel)) return 0;
        for (var taken = 0; ;)
        {
            var messages = (await from.ReceiveMessagesAsync(32, Hidden, cancel)).Value;
            if (messages.Length == 0) return taken;
            foreach (var message in messages)
            {
                await handlers.PoisonedAsync(queue, message.MessageId, message.Body.ToMemory(), $"It was found in the queue {from.Name}.", cancel);
                await from.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancel);
                taken++;
            }
        }
    }
}

/// <summary>What a sweep found.</summary>
/// <param name="Revived">Jobs whose messages were sent again.</param>
/// <param name="Poison">Poison messages that were kept as dead letters and removed from their queues.</param>
public sealed record SweepReport(IReadOnlyList<JobRecord> Revived, int Poison);
