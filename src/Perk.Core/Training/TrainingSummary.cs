namespace Perk.Core.Training;

/// <summary>A training so far, in figures: <c>summary.json</c> of its run folder.</summary>
public sealed record TrainingSummary
{
    /// <summary>Steps done.</summary>
    public required int Steps { get; init; }

    /// <summary>How long they took, over all runs in the folder, without validation and saving.</summary>
    public required double Seconds { get; init; }

    /// <summary>Their tokens: of the contexts in a meta-training, of the sequences in a pretraining.</summary>
    public required long Tokens { get; init; }

    /// <summary>The mean; null before any time has passed.</summary>
    public double? TokensPerSecond { get; init; }

    /// <summary>The greatest resident set of any process that trained here.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>The best share of right answers on held-out problems, null before a validation.</summary>
    public double? BestExactMatch { get; init; }

    /// <summary>The step of it, the first where there are several.</summary>
    public int? BestStep { get; init; }

    /// <summary>Steps that changed nothing for their gradient was far out.</summary>
    public required int Skipped { get; init; }

    /// <summary>Steps that changed nothing for loss or gradient was not finite.</summary>
    public required int NonFinite { get; init; }

    /// <summary>The summary of some steps, in their order.</summary>
    internal static TrainingSummary Of(IReadOnlyList<StepPoint> points)
    {
        var (seconds, tokens) = (points.Sum(p => p.Seconds), points.Sum(p => p.Tokens));
        var validated = points.Where(p => p.ExactMatch is not null).ToList();
        return new TrainingSummary
        {
            Steps = points.Count == 0 ? 0 : points[^1].Step,
            Seconds = seconds,
            Tokens = tokens,
            TokensPerSecond = seconds > 0 ? tokens / seconds : null,
            PeakMemoryBytes = points.Select(p => p.PeakMemoryBytes).DefaultIfEmpty().Max(),
            BestExactMatch = validated.Count == 0 ? null : validated.Max(p => p.ExactMatch),
            BestStep = validated.Count == 0 ? null : validated.MaxBy(p => p.ExactMatch).Step,
            Skipped = points.Count(p => p.Skipped && p.Finite),
            NonFinite = points.Count(p => !p.Finite),
        };
    }
}
