using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
using Perk.Scale.Parameters;
using Perk.Scale.Theory;

namespace Perk.Scale.Runs;

/// <summary>How long documents waited before their encoding began, and what theory says, in seconds.</summary>
/// <param name="Replicas">Replicas.</param>
/// <param name="Load">The share of their time that they work.</param>
/// <param name="Wait">Mean of the batches' means.</param>
/// <param name="HalfWidth">
/// Half of its 95 % confidence interval by batch means, with Student's t (Law, Simulation Modeling and Analysis).
/// </param>
/// <param name="Expected">What theory says.</param>
/// <param name="Law">Which theory.</param>
internal sealed record SteadyResult(int Replicas, double Load, double Wait, double HalfWidth, double Expected, QueueLaw Law)
{
    private const double Confidence = 0.95;

    /// <summary>Whether theory's mean is in the interval.</summary>
    public bool Agrees => Math.Abs(Wait - Expected) <= HalfWidth;

    /// <summary>Of the means of batches.</summary>
    internal static SteadyResult Of(SteadyOptions options, double[] means)
    {
        var (mean, deviation) = means.MeanStandardDeviation();
        var half = StudentT.InvCDF(0, 1, means.Length - 1, (1 + Confidence) / 2) * deviation / Math.Sqrt(means.Length);
        var (law, expected) = MeanWait.Of(options);
        return new SteadyResult(options.Replicas, options.Load, mean, half, expected, law);
    }
}
