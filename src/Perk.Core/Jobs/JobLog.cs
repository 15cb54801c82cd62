using Microsoft.Extensions.Logging;

namespace Perk.Core.Jobs;

/// <summary>What is told of jobs.</summary>
internal static partial class JobLog
{
    [LoggerMessage(101, LogLevel.Information, "{Job}: {Status} at try {Attempt}. {Reason}")]
    public static partial void Ended(ILogger logger, string job, JobStatus status, int attempt, string reason);

    [LoggerMessage(102, LogLevel.Information, "{Job}: another host works on it; its message comes again later")]
    public static partial void Busy(ILogger logger, string job);

    [LoggerMessage(103, LogLevel.Information, "{Job}: a message of generation {Generation} is dropped, the job is {Status}")]
    public static partial void Dropped(ILogger logger, string job, int generation, JobStatus status);

    [LoggerMessage(104, LogLevel.Error, "{Job}: begun {Attempts} times and never ended; it is given up")]
    public static partial void Exhausted(ILogger logger, string job, int attempts);
}
