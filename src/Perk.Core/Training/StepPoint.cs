namespace Perk.Core.Training;

/// <summary>What curves and summary are made of, whichever training the step is of.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Loss">The loss before it; null where it was not finite.</param>
internal readonly record struct StepPoint(int Step, double? Loss)
{
    /// <summary>Whether loss and gradient were finite.</summary>
    public bool Finite { get; init; } = true;

    /// <summary>Whether the step changed nothing.</summary>
    public bool Skipped { get; init; }

    /// <summary>Tokens of the batch.</summary>
    public long Tokens { get; init; }

    /// <summary>How long it took, without validation.</summary>
    public double Seconds { get; init; }

    /// <summary>The greatest resident set so far; 0 where a line does not say.</summary>
    public long PeakMemoryBytes { get; init; }

    /// <summary>The mean of the shares below, where there was a validation.</summary>
    public double? ExactMatch { get; init; }

    /// <summary>The share of right answers of each task, where there was a validation.</summary>
    public IReadOnlyDictionary<string, double>? Validation { get; init; }
}
