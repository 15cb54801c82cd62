using Microsoft.Extensions.Logging;

namespace Perk.Core.Storage;

/// <summary>What the queue listener tells.</summary>
internal static partial class QueueListenerLog
{
    [LoggerMessage(LogLevel.Warning, "{Queue}: no message could be received; trying again")]
    public static partial void ReceiveFailed(ILogger logger, string queue, Exception fault);

    [LoggerMessage(LogLevel.Warning, "{Queue}: message {Id} failed (attempt {Attempt})")]
    public static partial void HandlerFailed(ILogger logger, string queue, string id, long attempt, Exception fault);

    [LoggerMessage(LogLevel.Information, "{Queue}: message {Id} is released, since the listener stops")]
    public static partial void Released(ILogger logger, string queue, string id);

    [LoggerMessage(LogLevel.Error, "{Queue}: message {Id} goes to the poison queue. {Reason}")]
    public static partial void Poisoned(ILogger logger, string queue, string id, string reason);

    [LoggerMessage(LogLevel.Error, "{Queue}: what had to be noted about poison message {Id} could not be")]
    public static partial void PoisonedFailed(ILogger logger, string queue, string id, Exception fault);

    [LoggerMessage(LogLevel.Warning, "{Queue}: the lock of message {Id} could not be renewed; trying again")]
    public static partial void RenewalFailed(ILogger logger, string queue, string id, Exception fault);

    [LoggerMessage(LogLevel.Warning, "{Queue}: message {Id} is no longer held here ({Code}) and is left alone")]
    public static partial void Lost(ILogger logger, string queue, string id, string? code);

    [LoggerMessage(LogLevel.Error, "{Queue}: message {Id} could not be settled; it comes back when its lock ends")]
    public static partial void LeftToItsLock(ILogger logger, string queue, string id, Exception fault);
}
