using NCrontab;

namespace Perk.Core.Hosting;

/// <summary>The times of a timer in the form of Azure Functions' timer trigger: six fields, seconds first, UTC.</summary>
public static class TimerSchedule
{
    private static readonly CrontabSchedule.ParseOptions WithSeconds = new() { IncludingSeconds = true };

    /// <summary>Whether a text is one.</summary>
    public static bool IsOne(string text) => CrontabSchedule.TryParse(text, WithSeconds) is not null;

    /// <summary>How long it is to the next time.</summary>
    /// <param name="text">The schedule.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="CrontabException">It is none.</exception>
    public static TimeSpan Until(string text, DateTimeOffset now) => CrontabSchedule.Parse(text, WithSeconds).GetNextOccurrence(now.UtcDateTime) - now.UtcDateTime;
}
