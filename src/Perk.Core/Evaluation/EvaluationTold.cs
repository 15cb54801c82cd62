using Microsoft.Extensions.Logging;

namespace Perk.Core.Evaluation;

/// <summary>What is told of evaluations.</summary>
internal static partial class EvaluationTold
{
    [LoggerMessage(201, LogLevel.Information, "Suite {Suite}: {Report} has the results of {Entries} entries")]
    public static partial void Reported(ILogger logger, string suite, string report, int entries);

    [LoggerMessage(202, LogLevel.Warning, "Suite {Suite}: regression of {Entry}, {Method}: {Points} points against the report of {Date:yyyy-MM-dd}; see {Report}")]
    public static partial void Worse(ILogger logger, string suite, string entry, string method, string points, DateOnly date, string report);

    [LoggerMessage(203, LogLevel.Information, "Suite {Suite}: {Job} is queued for the report of {Date:yyyy-MM-dd}")]
    public static partial void Queued(ILogger logger, string suite, string job, DateOnly date);
}
