using Microsoft.Extensions.Logging;

namespace Perk.Core.Http;

/// <summary>What the HTTP surface tells its log.</summary>
internal static partial class HttpLog
{
    [LoggerMessage(30, LogLevel.Warning, "{path} could not be answered.")]
    public static partial void Unavailable(ILogger logger, string path, Exception fault);

    [LoggerMessage(31, LogLevel.Error, "{path} failed.")]
    public static partial void Unexpected(ILogger logger, string path, Exception fault);

    [LoggerMessage(32, LogLevel.Warning, "Not ready: {what}.")]
    public static partial void NotReady(ILogger logger, string what, Exception fault);
}
