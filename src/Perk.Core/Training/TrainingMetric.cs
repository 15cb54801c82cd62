namespace Perk.Core.Training;

/// <summary>A step of a training: a line of <c>metrics.jsonl</c>.</summary>
public sealed record TrainingMetric
{
    /// <summary>Steps done.</summary>
    public required int Step { get; init; }

    /// <summary>The loss before it; null where it was not finite.</summary>
    public double? Loss { get; init; }

    /// <summary>The norm of its gradient; null where it was not finite.</summary>
    public double? Norm { get; init; }

    /// <summary>The scheduled rate.</summary>
    public double Rate { get; init; }

    /// <summary>Whether the step was skipped.</summary>
    public bool Skipped { get; init; }

    /// <summary>Context tokens of the batch.</summary>
    public long Tokens { get; init; }

    /// <summary>How long it took.</summary>
    public double Seconds { get; init; }

    /// <summary>The process's greatest resident set so far.</summary>
    public long PeakMemoryBytes { get; init; }

    /// <summary>The mean over tasks of the share of right answers on held-out problems, where there was a validation.</summary>
    public double? ExactMatch { get; init; }

    /// <summary>The share of each task.</summary>
    public IReadOnlyDictionary<string, double>? Validation { get; init; }

    internal StepPoint Point() => new(Step, Loss)
    {
        Finite = Norm is not null,
        Skipped = Skipped,
        Tokens = Tokens,
        Seconds = Seconds,
        PeakMemoryBytes = PeakMemoryBytes,
        ExactMatch = ExactMatch,
        Validation = Validation,
    };
}
