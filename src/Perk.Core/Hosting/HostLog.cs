using Microsoft.Extensions.Logging;

namespace Perk.Core.Hosting;

/// <summary>What hosts tell their log.</summary>
internal static partial class HostLog
{
    [LoggerMessage(3, LogLevel.Warning, "Message {id} on {queue} cannot be taken; its dead letter says why.")]
    public static partial void Malformed(ILogger logger, string queue, string id);

    [LoggerMessage(5, LogLevel.Information, "Message {id} waits {delay} for another job or host.")]
    public static partial void Waiting(ILogger logger, string id, TimeSpan delay);

    [LoggerMessage(11, LogLevel.Warning, "{job} had {attempt} tries of its own when its message was given up; the message comes again in {delay}.")]
    public static partial void Requeued(ILogger logger, string job, int attempt, TimeSpan delay);

    [LoggerMessage(8, LogLevel.Warning, "{jobs} jobs without a sign of life are queued again; {poison} poison messages are kept as dead letters.")]
    public static partial void Swept(ILogger logger, int jobs, int poison);

    [LoggerMessage(9, LogLevel.Warning, "Something that is done again and again failed ({what}); it is done again later.")]
    public static partial void UpkeepFailed(ILogger logger, string what, Exception fault);

    [LoggerMessage(6, LogLevel.Information, "{job} begins with document {document}.")]
    public static partial void Begins(ILogger logger, string job, string document);

    [LoggerMessage(7, LogLevel.Information, "{job} step {step}/{steps}: loss {loss:0.000} per token, {rate:#,0} tokens/s.")]
    public static partial void Step(ILogger logger, string job, int step, int steps, double loss, double rate);

    [LoggerMessage(12, LogLevel.Information, "{blob} has arrived and is {job}.")]
    public static partial void Arrived(ILogger logger, string blob, string job);

    [LoggerMessage(13, LogLevel.Warning, "{blob} has arrived and cannot be taken; its dead letter says why: {reason}")]
    public static partial void Refused(ILogger logger, string blob, string reason);
}
