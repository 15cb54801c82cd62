namespace Perk.Scale.Parameters;

/// <summary>What goes wrong, and how often. All assumed.</summary>
internal sealed record FaultOptions
{
    /// <summary>Sudden ends of a process (SIGKILL, out of memory) an hour and replica.</summary>
    public double KillsPerHour { get; init => field = Within.Range(value, 0, 1000); } = 0.05;

    /// <summary>The share of tries that fail for a reason that may pass, anywhere on their way.</summary>
    public double FailingShare { get; init => field = Within.Range(value, 0, 1); } = 0.005;

    /// <summary>The share of documents whose message is on the queue twice.</summary>
    public double TwiceShare { get; init => field = Within.Range(value, 0, 1); } = 0.01;

    /// <summary>Documents that kill every process that works on them.</summary>
    public int Killers { get; init => field = Within.Range(value, 0, 1_000_000); }

    /// <summary>Nothing goes wrong.</summary>
    public static FaultOptions None { get; } = new() { KillsPerHour = 0, FailingShare = 0, TwiceShare = 0 };
}
