namespace Perk.Core.MetaLearning;

/// <summary>How the outer loop steps.</summary>
public sealed record OuterOptions
{
    /// <summary>Outer steps.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>T: how many of the last inner steps keep their graph; null for all.</summary>
    public int? UnrolledSteps { get; init; }

    /// <summary>The greatest rate of Adam, after the warm-up.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>What the rate of the inner step sizes is of that; 0 keeps them as they are.</summary>
    public double StepSizeRate { get; init; } = 1;

    /// <summary>What the rate of the token-weighting head is of that.</summary>
    public double WeightingRate { get; init; } = 1;

    /// <summary>Steps over which the rate rises from 0.</summary>
    public int Warmup { get; init; } = 30;

    /// <summary>What the cosine ends at, as a share of the rate.</summary>
    public double FinalShare { get; init; } = 0.05;

    /// <summary>Adam's first decay.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam's second decay.</summary>
    public double Beta2 { get; init; } = 0.98;

    /// <summary>Decoupled weight decay of adapter and head; none on step sizes.</summary>
    public double WeightDecay { get; init; }

    /// <summary>The greatest norm of the gradient over all meta-parameters.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>A step is skipped whose gradient's norm is above this many running means.</summary>
    public double SkipAbove { get; init; } = 6;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it and the range.</exception>
    public OuterOptions Validated()
    {
        Require(Steps >= 1, nameof(Steps), Steps, "1 or more");
        Require(UnrolledSteps is null or >= 0, nameof(UnrolledSteps), UnrolledSteps ?? 0, "0 or more");
        Require(LearningRate is > 0 and < 1, nameof(LearningRate), LearningRate, "a number above 0 and below 1");
        Require(StepSizeRate is >= 0 and < 1e6, nameof(StepSizeRate), StepSizeRate, "a number from 0");
        Require(WeightingRate is >= 0 and < 1e6, nameof(WeightingRate), WeightingRate, "a number from 0");
        Require(Warmup >= 0, nameof(Warmup), Warmup, "0 or more");
        Require(FinalShare is >= 0 and <= 1, nameof(FinalShare), FinalShare, "0 to 1");
        Require(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "0 to below 1");
        Require(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "0 to below 1");
        Require(WeightDecay is >= 0 and < 1e6, nameof(WeightDecay), WeightDecay, "a number from 0");
        Require(Clip > 0, nameof(Clip), Clip, "a number above 0");
        Require(SkipAbove > 1, nameof(SkipAbove), SkipAbove, "a number above 1");
        return this;
    }

    /// <summary>The rate of a step, counted from 0: a warm-up, then a cosine, in steps and never in time.</summary>
    public double RateAt(int step)
    {
        var warm = Warmup == 0 ? 1 : Math.Min(1, (step + 1.0) / Warmup);
        var done = Math.Clamp((step - Warmup) / (double)Math.Max(1, Steps - Warmup), 0, 1);
        return LearningRate * warm * (FinalShare + (1 - FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * done)));
    }

    private static void Require(bool holds, string option, object value, string range)
    {
        if (!holds) throw new ArgumentException($"Outer option {option} is {value}; use {range}.");
    }
}
