using Microsoft.Extensions.Logging;

namespace Perk.Cli.Serve;

/// <summary>What only the local host tells its log.</summary>
internal static partial class LocalHostLog
{
    [LoggerMessage(10, LogLevel.Information, "So far: {digest}.")]
    public static partial void Measured(ILogger logger, string digest);

    [LoggerMessage(14, LogLevel.Warning, "A timer's work failed; it is done again at its next time.")]
    public static partial void TimerFailed(ILogger logger, Exception fault);
}
