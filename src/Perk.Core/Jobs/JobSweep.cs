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
        var faults = new List<Exception>();
        await foreach (var record in new JobCatalog(account.Objects).ListAsync(open, cancel))
        {
            await UnlessFaultyAsync(faults, async () =>
            {
                if (await ledger.ReviveAsync(record, cancel) is not { } again) return;
                await control.SendAsync(again, TimeSpan.Zero, cancel);
                revived.Add(again);
            });
        }

        var poison = 0;
        foreach (var queue in Names.Queues) poison += await PoisonAsync(queue, control, faults, cancel);
        return new SweepReport(revived, poison, faults);
    }

    /// <summary>One that cannot be dealt with must not keep the others.</summary>
    private static async Task UnlessFaultyAsync(List<Exception> faults, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (ObjectLeasedException)
        {
            // A host works on it.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            faults.Add(e);
        }
    }

    private async Task<int> PoisonAsync(string queue, JobControl control, List<Exception> faults, CancellationToken cancel)
    {
        var from = account.Queue(Names.PoisonOf(queue));
        if (!await from.ExistsAsync(cancel)) return 0;
        for (var taken = 0; ;)
        {
            var messages = (await from.ReceiveMessagesAsync(32, Hidden, cancel)).Value;
            if (messages.Length == 0) return taken;
            foreach (var message in messages)
            {
                await UnlessFaultyAsync(faults, async () =>
                {
                    var again = await handlers.PoisonedAsync(queue, message.MessageId, message.Body.ToMemory(), $"Its message was found in the queue {from.Name}.", TimeSpan.Zero, cancel);
                    if (again is not null) await control.SendAsync(again, JobLedger.RequeueDelay(again), cancel);
                    await from.DeleteMessageAsync(message.MessageId, message.PopReceipt, cancel);
                    taken++;
                });
            }
        }
    }
}

/// <summary>What a sweep found.</summary>
/// <param name="Revived">Jobs whose messages were sent again.</param>
/// <param name="Poison">Poison messages that were dealt with and removed from their queues.</param>
/// <param name="Faults">What could not be dealt with this time.</param>
public sealed record SweepReport(IReadOnlyList<JobRecord> Revived, int Poison, IReadOnlyList<Exception> Faults);
