using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.MetaLearning;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Cli.Serve;

/// <summary>
/// Listens on <c>encode</c> and <c>questions</c> with the semantics of the queue trigger: all roles in one process, one job at a
/// time on the accelerator. In Azure the Functions host does this.
/// </summary>
/// <param name="account">Blobs and queues.</param>
/// <param name="checkpoint">What to encode and answer with.</param>
/// <param name="encoding">How to encode.</param>
/// <param name="options">How to listen.</param>
/// <param name="accelerator">Held while numerics run.</param>
/// <param name="logger">Told what happens.</param>
internal sealed class LocalHost(
    StorageAccount account, Checkpoint checkpoint, EncodingOptions encoding, QueueListenerOptions options, SemaphoreSlim accelerator, ILogger logger)
{
    private static readonly TimeSpan MeasureEvery = TimeSpan.FromSeconds(30);

    /// <summary>How long a stopping host waits for its handlers to give their jobs back, once nothing computes any more.</summary>
    private static readonly TimeSpan GiveBack = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Task, byte> _working = new();

    /// <summary>Who this process is, for people who read job records.</summary>
    public static string Worker { get; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>Time spans and sizes.</summary>
    public HostSettings Settings { get; init; } = new();

    /// <summary>How this host shares jobs with others: as many tries as its messages have, and a lease no longer than their lock, so that neither outlasts the other.</summary>
    private JobOptions Jobs => Settings.Jobs with
    {
        MaxAttempts = Math.Min(options.MaxDequeueCount, 100),
        Lease = TimeSpan.FromSeconds(Math.Clamp(options.LockDuration.TotalSeconds, JobOptions.ShortestLease.TotalSeconds, Settings.Jobs.Lease.TotalSeconds)),
    };

    /// <summary>Makes the receiver of a document's progress; null logs each inner step.</summary>
    public Func<EncodeMessage, IProgress<EncodeProgress>?>? Progress { get; init; }

    /// <summary>Listens until cancelled, and until nothing computes any more: the model may be disposed then.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await account.EnsureQueuesAsync(cancel);
        using var cache = new AdapterCache(Settings.AdapterCacheBytes);
        var ledger = new JobLedger(account.Objects, Jobs, TimeProvider.System, Worker);
        var encode = new EncodeJob(account.Objects, checkpoint, encoding, accelerator, TimeProvider.System);
        var asker = new DocumentAsker(account.Objects, checkpoint, cache, accelerator);
        var questions = new QuestionsJob(account.Objects, checkpoint, encode, asker, TimeProvider.System);
        var handlers = new QueueHandlers(account.Objects, ledger, new JobHost(ledger, logger), encode, questions, TimeProvider.System);
        var (sweep, queues) = (new JobSweep(account, ledger, handlers), new QueueMeasure(account, TimeProvider.System));
        using var digest = new MetricsDigest();
        var control = new JobControl(account, ledger);
        await Task.WhenAll(
            ListenAsync(handlers, control, Names.EncodeQueue, (id, body, stop) => handlers.EncodeAsync(id, body, Begin, stop), cancel),
            ListenAsync(handlers, control, Names.QuestionsQueue, handlers.QuestionsAsync, cancel),
            EveryAsync(Settings.SweepEvery, () => SweepAsync(sweep, queues, digest, cancel), cancel),
            EveryAsync(MeasureEvery, () => queues.MeasureAsync(cancel), cancel));

        // A micro-batch cannot be cut off, and the listeners wait only so long for their handlers; these give their jobs back after it.
        await accelerator.WaitAsync(CancellationToken.None);
        accelerator.Release();
        await Task.WhenAll(_working.Keys).WaitAsync(GiveBack, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SweepAsync(JobSweep sweep, QueueMeasure queues, MetricsDigest digest, CancellationToken cancel)
    {
        var report = await sweep.RunAsync(cancel);
        if (report.Revived.Count + report.Poison > 0) LocalHostLog.Swept(logger, report.Revived.Count, report.Poison);
        foreach (var fault in report.Faults) LocalHostLog.SweepFailed(logger, fault);
        if (digest.Line(await queues.MeasureAsync(cancel)) is { } line) LocalHostLog.Measured(logger, line);
    }

    /// <summary>Does something again and again; a failure is logged and outlived.</summary>
    private async Task EveryAsync(TimeSpan pause, Func<Task> act, CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(pause, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancel.IsCancellationRequested) return;
            try
            {
                await act();
            }
            catch (Exception) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LocalHostLog.SweepFailed(logger, e);
            }
        }
    }

    private Task ListenAsync(
        QueueHandlers handlers, JobControl control, string queue, Func<string, ReadOnlyMemory<byte>, CancellationToken, Task<JobOutcome?>> handle, CancellationToken cancel) =>
        new QueueListener(
            account.Queue(queue),
            account.Queue(Names.PoisonOf(queue)),
            async (message, stop) =>
            {
                var (body, working) = (message.Body.ToMemory(), handle(message.MessageId, message.Body.ToMemory(), stop));
                _working.TryAdd(working, 0);
                try
                {
                    await SettleAsync(queue, message.MessageId, body, await working, stop);
                }
                finally
                {
                    _working.TryRemove(working, out _);
                }
            },
            options,
            logger,
            TimeProvider.System,
            async (message, reason, stop) =>
            {
                if (await handlers.PoisonedAsync(queue, message.MessageId, message.Body.ToMemory(), reason, QueueHandlers.Patience, stop) is not { } again) return;
                LocalHostLog.Requeued(logger, again.Job, again.Attempt, JobLedger.RequeueDelay(again));
                await control.SendAsync(again, JobLedger.RequeueDelay(again), stop);
            }).RunAsync(cancel);

    private IProgress<EncodeProgress>? Begin(EncodeMessage message)
    {
        LocalHostLog.Begins(logger, message.Job, message.Document);
        return Progress is null ? new StepLog(logger, message.Job) : Progress(message);
    }

    private async Task SettleAsync(string queue, string id, ReadOnlyMemory<byte> body, JobOutcome? outcome, CancellationToken cancel)
    {
        if (outcome is null) LocalHostLog.Malformed(logger, queue, id);
        if (outcome is not { Kind: JobOutcomeKind.Wait }) return;

        // Sent before this one is deleted: a crash in between asks twice, which is done once, and loses nothing.
        await account.SendAsync(queue, body, Settings.QuestionWait, cancel);
        LocalHostLog.Waiting(logger, id, Settings.QuestionWait);
    }
}
