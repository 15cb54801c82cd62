using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Hosting;
using Perk.Core.Jobs;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Cli.Serve;

/// <summary>
/// Listens on all queues with the semantics of the queue trigger, and keeps the timers' schedules: all roles in one process, one job at a
/// time on the accelerator. In Azure the Functions host does this.
/// </summary>
/// <param name="account">Blobs and queues.</param>
/// <param name="model">What to encode and answer with; it stays the caller's.</param>
/// <param name="options">How to listen.</param>
/// <param name="accelerator">Held while numerics run.</param>
/// <param name="logger">Told what happens.</param>
internal sealed class LocalHost(StorageAccount account, ServedModel model, QueueListenerOptions options, SemaphoreSlim accelerator, ILogger logger)
{
    /// <summary>No delay can be longer than 49 days.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private static readonly TimeSpan MeasureEvery = TimeSpan.FromSeconds(30);

    /// <summary>How long a stopping host waits for its handlers to give their jobs back, once nothing computes any more.</summary>
    private static readonly TimeSpan GiveBack = TimeSpan.FromSeconds(10);

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

    /// <summary>The same parts as the Functions app's.</summary>
    public ServiceProvider CreateServices() => new ServiceCollection()
        .AddSingleton(account).AddSingleton(model).AddSingleton(accelerator).AddSingleton(logger)
        .AddPerk(Settings with { Jobs = Jobs }).BuildServiceProvider();

    /// <summary>Listens until cancelled, and until nothing computes any more: the model may be disposed then.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await using var services = CreateServices();
        await RunAsync(services, cancel);
    }

    /// <summary>Listens with parts that somebody else uses too.</summary>
    /// <inheritdoc cref="RunAsync(CancellationToken)"/>
    public async Task RunAsync(IServiceProvider services, CancellationToken cancel)
    {
        await account.EnsureQueuesAsync(cancel);
        var (work, upkeep) = (services.GetRequiredService<QueueWork>(), services.GetRequiredService<Upkeep>());
        work.Progress = Progress;
        using var digest = new MetricsDigest();
        await Task.WhenAll(
        [
            .. Names.Queues.Select(queue => ListenAsync(work, queue, cancel)),
            OnScheduleAsync(Settings.SweepSchedule, () => SweepAsync(upkeep, digest, cancel), cancel),
            .. Settings.EvaluationSchedule is { } nightly ? [OnScheduleAsync(nightly, () => upkeep.QueueEvaluationAsync(cancel), cancel)] : (Task[])[],
            EveryAsync(() => MeasureEvery, () => upkeep.MeasureAsync(cancel), cancel),
        ]);

        // A micro-batch cannot be cut off, and the listeners wait only so long for their handlers; these give their jobs back after it.
        await accelerator.WaitAsync(CancellationToken.None);
        accelerator.Release();
        await services.GetRequiredService<WorkInFlight>().WhenDoneAsync().WaitAsync(GiveBack, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SweepAsync(Upkeep upkeep, MetricsDigest digest, CancellationToken cancel)
    {
        if (digest.Line(await upkeep.RunAsync(cancel)) is { } line) LocalHostLog.Measured(logger, line);
    }

    private Task OnScheduleAsync(string schedule, Func<Task> act, CancellationToken cancel) =>
        EveryAsync(() => TimerSchedule.Until(schedule, TimeProvider.System.GetUtcNow()) + TimeSpan.FromMilliseconds(1), act, cancel); // A delay drops what is below a millisecond.

    /// <summary>Does something again and again; a failure is logged and outlived.</summary>
    private async Task EveryAsync(Func<TimeSpan> pause, Func<Task> act, CancellationToken cancel)
    {
        while (true)
        {
            var left = pause();
            await Task.Delay(left < LongestDelay ? left : LongestDelay, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancel.IsCancellationRequested) return;
            if (left > LongestDelay) continue;
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
                LocalHostLog.TimerFailed(logger, e);
            }
        }
    }

    private Task ListenAsync(QueueWork work, string queue, CancellationToken cancel) => new QueueListener(
        account.Queue(queue),
        account.Queue(Names.PoisonOf(queue)),
        (message, stop) => work.RunAsync(queue, message.MessageId, message.Body.ToMemory(), stop),
        options,
        logger,
        TimeProvider.System,
        (message, reason, stop) => work.PoisonedAsync(queue, message.MessageId, message.Body.ToMemory(), reason, stop)).RunAsync(cancel);
}
