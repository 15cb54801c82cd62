using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace Perk.Core.Storage;

/// <summary>Calls a handler for each message of a queue, the way the storage-queue trigger of Azure Functions does.</summary>
/// <remarks>
/// A message is hidden while its handler runs. A handler that returns has the message deleted; one that throws has it come back
/// after <see cref="QueueListenerOptions.VisibilityTimeout"/>, or moved to the poison queue when it was received
/// <see cref="QueueListenerOptions.MaxDequeueCount"/> times. One received more often than that killed its process before and is
/// moved without a call. Delivery is at least once.
/// </remarks>
public sealed class QueueListener
{
    /// <summary>The time to live of a message that never expires.</summary>
    internal static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    private readonly QueueClient _queue;
    private readonly QueueClient _poison;
    private readonly Func<QueueMessage, CancellationToken, Task> _handler;
    private readonly QueueListenerOptions _options;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Func<QueueMessage, string, CancellationToken, Task>? _poisoned;

    /// <summary>A listener; it does nothing until it runs.</summary>
    /// <param name="queue">The queue, with the message encoding its senders use.</param>
    /// <param name="poison">Where messages go that are given up; created if missing.</param>
    /// <param name="handler">
    /// Works on one message, on a thread of the pool. Its token is cancelled when the listener stops or has lost the message.
    /// </param>
    /// <param name="options">Batch size, time spans, limits.</param>
    /// <param name="logger">Where failures are told.</param>
    /// <param name="time">The clock of pauses and renewals.</param>
    /// <param name="poisoned">
    /// Deals with a message given up, told why, once the poison queue has it, as a function on that queue would: then it goes from there. A failure is logged, and the message stays.
    /// </param>
    public QueueListener(
        QueueClient queue,
        QueueClient poison,
        Func<QueueMessage, CancellationToken, Task> handler,
        QueueListenerOptions options,
        ILogger logger,
        TimeProvider time,
        Func<QueueMessage, string, CancellationToken, Task>? poisoned = null)
    {
        (_queue, _poison, _handler, _options) = (queue, poison, handler, options);
        (_logger, _time, _poisoned) = (logger, time, poisoned);
    }

    /// <summary>Listens until cancelled, then releases what is in flight. Storage failures are logged and outlived.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var inFlight = new List<Task>();
        var pause = _options.MinPollingInterval;

        // A receive that is cut off may have locked messages that nobody knows of: let it end.
        using var receiving = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        using var ending = cancellationToken.Register(() => receiving.CancelAfter(_options.StopTimeout));
        try
        {
            while (true)
            {
                while (inFlight.Count > _options.NewBatchThreshold)
                    inFlight.Remove(await Task.WhenAny(inFlight).WaitAsync(cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
                var messages = await ReceiveAsync(receiving.Token);
                inFlight.AddRange(messages.Select(message => WorkOnAsync(message, cancellationToken)));
                if (messages.Length > 0)
                {
                    pause = _options.MinPollingInterval;
                    continue;
                }

                await Task.Delay(pause, _time, cancellationToken);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, _options.MaxPollingInterval.Ticks));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Handlers get StopTimeout to end; as much again is for telling the storage.
            await ((Task)Task.WhenAll(inFlight)).WaitAsync(_options.StopTimeout * 2, _time, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _queue.ReceiveMessagesAsync(_options.BatchSize, _options.LockDuration, cancellationToken)).Value;
        }
        catch (Exception e)
        {
            if (!cancellationToken.IsCancellationRequested) QueueListenerLog.ReceiveFailed(_logger, _queue.Name, e);
            return [];
        }
    }

    /// <summary>Sees one message through; never throws.</summary>
    private async Task WorkOnAsync(QueueMessage message, CancellationToken stop)
    {
        using var handling = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var held = new HeldMessage(_queue, message, _options, _logger, _time);
        try
        {
            if (message.DequeueCount > _options.MaxDequeueCount)
            {
                await PoisonAsync(held, $"Its message was received {message.DequeueCount - 1} times and never finished: its process was stopped or killed.", stop);
                return;
            }

            var fault = await held.WhileAsync(handling, () => HandleAsync(message, handling.Token, stop));
            if (held.Lost) return;
            if (fault is null)
            {
                await held.DeleteAsync();
            }
            else if (stop.IsCancellationRequested)
            {
                QueueListenerLog.Released(_logger, _queue.Name, message.MessageId);
                await held.ReleaseAsync();
            }
            else
            {
                QueueListenerLog.HandlerFailed(_logger, _queue.Name, message.MessageId, message.DequeueCount, fault);
                var reason = $"Its message failed {message.DequeueCount} times, at last so: {StorageFaults.Explain(fault) ?? fault.Message}";
                if (message.DequeueCount < _options.MaxDequeueCount) await held.ReleaseAsync();
                else await PoisonAsync(held, reason, stop);
            }
        }
        catch (Exception e)
        {
            QueueListenerLog.LeftToItsLock(_logger, _queue.Name, message.MessageId, e);
        }
    }

    /// <summary>Runs the handler, though not much longer than the listener.</summary>
    /// <returns>What it threw; null when it succeeded.</returns>
    private async Task<Exception?> HandleAsync(QueueMessage message, CancellationToken handling, CancellationToken stop)
    {
        try
        {
            var work = Task.Run(() => _handler(message, handling), CancellationToken.None);
            await Task.WhenAny(work, Task.Delay(Timeout.InfiniteTimeSpan, _time, handling));
            if (stop.IsCancellationRequested) await work.WaitAsync(_options.StopTimeout, _time, CancellationToken.None);
            await work;
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private async Task PoisonAsync(HeldMessage held, string reason, CancellationToken stop)
    {
        QueueListenerLog.Poisoned(_logger, _queue.Name, held.Message.MessageId, reason);
        await _poison.CreateIfNotExistsAsync(cancellationToken: CancellationToken.None);
        var copy = (await _poison.SendMessageAsync(held.Message.Body, timeToLive: Forever, cancellationToken: CancellationToken.None)).Value;
        try
        {
            if (_poisoned is not null)
            {
                await _poisoned(held.Message, reason, stop);
                await _poison.DeleteMessageAsync(copy.MessageId, copy.PopReceipt, CancellationToken.None); // Dealt with; where not, it stays for a sweep.
            }
        }
        catch (Exception e)
        {
            QueueListenerLog.PoisonedFailed(_logger, _queue.Name, held.Message.MessageId, e);
        }

        await held.DeleteAsync();
    }
}
