namespace Perk.Core.Jobs;

/// <summary>How hosts share jobs.</summary>
public sealed record JobOptions
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    /// <summary>The shortest lease there is in Azure.</summary>
    public static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(15);

    /// <summary>The longest.</summary>
    public static readonly TimeSpan LongestLease = TimeSpan.FromSeconds(60);

    /// <summary>Tries of a generation that may begin and not end before it is given up, 1 to 100.</summary>
    public int MaxAttempts { get; init => field = value is >= 1 and <= 100 ? value : throw Bad(nameof(MaxAttempts), value, "1 to 100"); } = 5;

    /// <summary>How long a job stays a host's without a sign of life, 15 to 60 seconds.</summary>
    public TimeSpan Lease { get; init => field = Within(nameof(Lease), value, LongestLease); } = LongestLease;

    /// <summary>The pause between signs of life, a third of <see cref="Lease"/>.</summary>
    public TimeSpan Heartbeat => Lease / 3;

    /// <summary>How long a job may run without a sign of life before a sweep queues it again, 15 seconds to 7 days.</summary>
    public TimeSpan StaleAfter { get; init => field = Within(nameof(StaleAfter), value, Week); } = TimeSpan.FromMinutes(15);

    /// <summary>How long a job may be queued before a sweep sends its message again, 15 seconds to 7 days: it may have been lost.</summary>
    public TimeSpan ResendAfter { get; init => field = Within(nameof(ResendAfter), value, Week); } = TimeSpan.FromDays(1);

    /// <summary>How long a try may take before it ends as failed; null for no limit. Below the host's own limit, which kills the process.</summary>
    public TimeSpan? TimeLimit { get; init => field = value is null || (value >= TimeSpan.FromSeconds(1) && value <= Week) ? value : throw Bad(nameof(TimeLimit), value, "1 second to 7 days"); }

    private static TimeSpan Within(string name, TimeSpan value, TimeSpan most) =>
        value >= ShortestLease && value <= most ? value : throw Bad(name, value, $"{ShortestLease.TotalSeconds:0} to {most.TotalSeconds:0} seconds");

    private static ArgumentOutOfRangeException Bad(string name, object value, string range) => new(name, value, $"{name} must be {range}.");
}
