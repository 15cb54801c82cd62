namespace Perk.Faults.Fuzzing;

/// <summary>What is tried.</summary>
internal sealed record FuzzOptions
{
    /// <summary>Cases in all, shared out by the families' weights.</summary>
    public required int Cases { get; init; }

    /// <summary>Decides the inputs.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>One case alone, of each family tried; null for all.</summary>
    public int? Only { get; init; }

    /// <summary>How long a case may run before the whole run is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}
