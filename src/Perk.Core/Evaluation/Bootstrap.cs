using System.Runtime.InteropServices;

namespace Perk.Core.Evaluation;

/// <summary>Percentile bootstrap (Efron 1979, doi 10.1214/aos/1176344552).</summary>
public static class Bootstrap
{
    private const int Resamples = 2000;

    /// <summary>The 95 % interval of a mean.</summary>
    /// <param name="values">Independent values, at least two.</param>
    /// <param name="seed">Decides the resamples.</param>
    /// <exception cref="ArgumentException">There are fewer than two values.</exception>
    public static MeanInterval Mean(IReadOnlyList<double> values, int seed) => Ratio([.. values.Select(v => new Cluster(v, 1))], seed);

    /// <summary>
    /// The 95 % interval of a mean over items that come in clusters, as questions come with their context: whole clusters are
    /// resampled, since the items of one are not independent.
    /// </summary>
    /// <param name="clusters">At least two, not all empty.</param>
    /// <param name="seed">Decides the resamples.</param>
    /// <exception cref="ArgumentException">There are fewer than two clusters.</exception>
    public static MeanInterval Ratio(IReadOnlyList<Cluster> clusters, int seed)
    {
        if (clusters.Count < 2) throw new ArgumentException($"An interval needs two values or more, not {clusters.Count}.", nameof(clusters));
        var random = new Random(seed);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            var (sum, count) = (0.0, 0);
            while (count == 0) // A resample of empty clusters says nothing.
            {
                for (var j = 0; j < clusters.Count; j++)
                {
                    var cluster = clusters[random.Next(clusters.Count)];
                    (sum, count) = (sum + cluster.Sum, count + cluster.Count);
                }
            }

            means[i] = sum / count;
        }

        Array.Sort(means);
        return new MeanInterval(
            clusters.Sum(c => c.Sum) / clusters.Sum(c => c.Count), means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples) - 1]);
    }
}

/// <summary>Items that are not independent of each other.</summary>
/// <param name="Sum">The sum of their values.</param>
/// <param name="Count">How many there are.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Cluster(double Sum, int Count);

/// <summary>A mean with its 95 % interval.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
public sealed record MeanInterval(double Mean, double Low, double High);
