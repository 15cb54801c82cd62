using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace Perk.Core.Storage;

/// <summary>A message that this process keeps hidden from others. The right to it is the last pop receipt.</summary>
internal sealed class HeldMessage(
    QueueClient queue, QueueMessage message, QueueListenerOptions options, ILogger logger, TimeProvider time)
{
    private string _receipt = message.PopReceipt;

    public QueueMessage Message => message;

    /// <summary>Whether the message is another's by now, or gone: then it must be left alone.</summary>
    public bool Lost { get; private set; }

    /// <summary>Renews the lock while some work runs; cancels the work when the message is lost.</summary>
    public async Task<T> WhileAsync<T>(CancellationTokenSource work, Func<Task<T>> run)
    {
        using var done = new CancellationTokenSource();
        var renewing = RenewAsync(work, done.Token);
        try
        {
            return await run();
        }
        finally
        {
            await done.CancelAsync();
            await renewing;
        }
    }

    public Task DeleteAsync() => UnlessLostAsync(() => queue.DeleteMessageAsync(message.MessageId, _receipt));

    /// <summary>Lets the message come back after the retry delay.</summary>
    public Task ReleaseAsync() => UnlessLostAsync(() => HideAsync(options.VisibilityTimeout));

    private async Task RenewAsync(CancellationTokenSource work, CancellationToken done)
    {
        var pause = options.LockDuration / 2;
        while (!Lost)
        {
            await Task.Delay(pause, time, done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (done.IsCancellationRequested) return;
            try
            {
                // Not cancellable: a renewal whose reply is not awaited would take the only valid receipt with it.
                await UnlessLostAsync(() => HideAsync(options.LockDuration));
                pause = options.LockDuration / 2;
            }
            catch (Exception e)
            {
                QueueListenerLog.RenewalFailed(logger, queue.Name, message.MessageId, e);
                pause = options.LockDuration / 10;
            }
        }

        await work.CancelAsync();
    }

    private async Task HideAsync(TimeSpan span) =>
        _receipt = (await queue.UpdateMessageAsync(message.MessageId, _receipt, visibilityTimeout: span)).Value.PopReceipt;

    private async Task UnlessLostAsync(Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (RequestFailedException e) when (e.Status == 404 || e.ErrorCode == QueueErrorCode.PopReceiptMismatch)
        {
            Lost = true;
            QueueListenerLog.Lost(logger, queue.Name, message.MessageId, e.ErrorCode);
        }
    }
}
