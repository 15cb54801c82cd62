using System.Text.Json.Nodes;

namespace Perk.Core.MetaLearning;

/// <summary>How a context is written into an adapter. All of it is part of the adapter id, the micro-batch excepted.</summary>
public sealed record InnerLoopOptions
{
    /// <summary>Gradient steps, from 1 to 64.</summary>
    public int Steps { get; init; } = 4;

    /// <summary>The update rule.</summary>
    public InnerOptimizerKind Optimizer { get; init; } = InnerOptimizerKind.AdamW;

    /// <summary>Decay of AdamW's first moment, from 0 to below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of AdamW's second moment, from 0 to below 1.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>ε in AdamW's √(v̂ + ε²), in units of the gradient; above 0, so that the slope at v̂ = 0 is finite.</summary>
    public double RootEpsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay, 0 or more.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>What the sum of the tokens' weighted losses is divided by.</summary>
    public LossNormalisation Normalisation { get; init; } = LossNormalisation.MeanOverTokens;

    /// <summary>The divisor of <see cref="LossNormalisation.SumOverConstant"/>, in tokens, above 0.</summary>
    public double NormalisationConstant { get; init; } = 256;

    /// <summary>Segments in one forward and backward pass, from 1: memory against speed. The step is the same up to rounding.</summary>
    public int SegmentsPerMicroBatch { get; init; } = 16;

    /// <summary>What is written a second time, beginning with another of its words.</summary>
    public Echo Echo { get; init; }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it and the range.</exception>
    public InnerLoopOptions Validated()
    {
        Require(Steps is >= 1 and <= 64, nameof(Steps), Steps, "1 to 64");
        Require(Enum.IsDefined(Optimizer), nameof(Optimizer), Optimizer, "AdamW or Sgd");
        Require(Beta1 is >= 0 and < 1, nameof(Beta1), Beta1, "0 to below 1");
        Require(Beta2 is >= 0 and < 1, nameof(Beta2), Beta2, "0 to below 1");
        Require(RootEpsilon is > 0 and < 1e30, nameof(RootEpsilon), RootEpsilon, "a number above 0");
        Require(WeightDecay is >= 0 and < 1e30, nameof(WeightDecay), WeightDecay, "a number from 0");
        Require(Enum.IsDefined(Normalisation), nameof(Normalisation), Normalisation, "MeanOverTokens or SumOverConstant");
        Require(NormalisationConstant is > 0 and < 1e30, nameof(NormalisationConstant), NormalisationConstant, "a number above 0");
        Require(Enum.IsDefined(Echo), nameof(Echo), Echo, "None or LastWord");
        Require(SegmentsPerMicroBatch >= 1, nameof(SegmentsPerMicroBatch), SegmentsPerMicroBatch, "1 or more");
        return this;
    }

    /// <summary>Canonical JSON of what decides the adapter's weights, part of the adapter id.</summary>
    /// <remarks>No echo is left out, as it was before there were echoes.</remarks>
    internal JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["steps"] = Steps,
            ["optimizer"] = Optimizer.ToString(),
            ["beta1"] = Beta1,
            ["beta2"] = Beta2,
            ["rootEpsilon"] = RootEpsilon,
            ["weightDecay"] = WeightDecay,
            ["normalisation"] = Normalisation.ToString(),
            ["normalisationConstant"] = NormalisationConstant,
        };
        if (Echo != Echo.None) json["echo"] = Echo.ToString();
        return json;
    }

    private static void Require(bool holds, string option, object value, string range)
    {
        if (!holds) throw new ArgumentException($"Inner option {option} is {value}; use {range}.");
    }
}

/// <summary>
/// What is written a second time, beginning with another of its words. A causal language model recalls a text in the direction in which it was
/// written: from <c>Clara Event 4: Clara dropped the watch.</c> it can be asked about Clara, and not who dropped the watch.
/// </summary>
public enum Echo
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>
    /// Sentences that are numbered for whom they tell of, as PERK numbers events, once more for the word they end with: after <c>Clara Event 4: Clara
    /// dropped the watch.</c>, in a segment of its own, <c>watch Event 4: Clara dropped the watch.</c> Other text has no echo.
    /// </summary>
    LastWord,
}

/// <summary>The inner update rule.</summary>
public enum InnerOptimizerKind
{
    /// <summary>AdamW (Loshchilov and Hutter 2017, arXiv 1711.05101) with its epsilon inside the root.</summary>
    AdamW,

    /// <summary>Plain gradient descent with decoupled weight decay.</summary>
    Sgd,
}

/// <summary>What the sum of weighted token losses is divided by.</summary>
public enum LossNormalisation
{
    /// <summary>The number of tokens with loss: a fact weighs less the longer the document.</summary>
    MeanOverTokens,

    /// <summary>A constant: a fact weighs the same in any document.</summary>
    SumOverConstant,
}
