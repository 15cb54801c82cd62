using Microsoft.Extensions.Logging;

namespace Perk.Cli.Serve;

/// <summary>What the local host tells its log.</summary>
internal static partial class LocalHostLog
{
    [LoggerMessage(1, LogLevel.Information, "{job} succeeded.")]
    public static partial void Succeeded(ILogger logger, string job);

    [LoggerMessage(2, LogLevel.Warning, "{job} failed: {reason}")]
    public static partial void Failed(ILogger logger, string job, string reason);

    [LoggerMessage(3, LogLevel.Warning, "Message {id} on {queue} is malformed; its dead letter says why.")]
    public static partial void Malformed(ILogger logger, string queue, string id);

    [LoggerMessage(4, LogLevel.Information, "Questions {id} are answered.")]
    public static partial void Answered(ILogger logger, string id);

    [LoggerMessage(5, LogLevel.Information, "Questions {id} wait {delay} for their document to be encoded.")]
    public static partial void Waiting(ILogger logger, string id, TimeSpan delay);

    [LoggerMessage(6, LogLevel.Information, "{job} begins with document {document}.")]
    public static partial void Begins(ILogger logger, string job, string document);

    [LoggerMessage(7, LogLevel.Information, "{job} step {step}/{steps}: loss {loss:0.000} per token, {rate:#,0} tokens/s.")]
    public static partial void Step(ILogger logger, string job, int step, int steps, double loss, double rate);

    [LoggerMessage(8, LogLevel.Warning, "Message {id} on {queue} cannot be taken: {reason}")]
    public static partial void Refused(ILogger logger, string queue, string id, string reason);
}
