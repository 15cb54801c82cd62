using Microsoft.Extensions.Logging;

namespace Perk.Cli.Serve;

/// <summary>What the local host tells its log.</summary>
internal static partial class LocalHostLog
{
    [LoggerMessage(3, LogLevel.Warning, "Message {id} on {queue} cannot be taken; its dead letter says why.")]
    public static partial void Malformed(ILogger logger, string queue, string id);

    [LoggerMessage(5, LogLevel.Information, "Message {id} waits {delay} for another job or host.")]
    public static partial void Waiting(ILogger logger, string id, TimeSpan delay);

    [LoggerMessage(11, LogLevel.Warning, "{job} had {attempt} tries of its own when its message was given up; the message comes again in {delay}.")]
    public static partial void Requeued(ILogger logger, string job, int attempt, TimeSpan delay);

    [LoggerMessage(8, LogLevel.Warning, "{jobs} jobs without a sign of life are queued again; {poison} poison messages are kept as dead letters.")]
    public static partial void Swept(ILogger logger, int jobs, int poison);

    [LoggerMessage(10, LogLevel.Information, "So far: {digest}.")]
    public static partial void Measured(ILogger logger, string digest);

    [LoggerMessage(9, LogLevel.Warning, "Looking for stale jobs and measuring the queues failed; it is done again later.")]
    public static partial void SweepFailed(ILogger logger, Exception fault);

    [LoggerMessage(6, LogLevel.Information, "{job} begins with document {document}.")]
    public static partial void Begins(ILogger logger, string job, string document);

    [LoggerMessage(7, LogLevel.Information, "{job} step {step}/{steps}: loss {loss:0.000} per token, {rate:#,0} tokens/s.")]
    public static partial void Step(ILogger logger, string job, int step, int steps, double loss, double rate);
}
