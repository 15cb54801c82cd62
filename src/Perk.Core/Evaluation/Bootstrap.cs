namespace Perk.Core.Evaluation;

/// <summary>Percentile bootstrap (Efron 1979, doi 10.1214/aos/1176344552).</summary>
public static class Bootstrap
{
    private const int Resamples = 2000;

    /// <summary>The 95 % interval of a mean.</summary>
    /// <param name="values">Independent values, at least two.</param>
    /// <param name="seed">Decides the resamples.</param>
    /// <exception cref="ArgumentException">There are fewer than two values.</exception>
    public static MeanInterval Mean(IReadOnlyList<double> values, int seed)
    {
        if (values.Count < 2) throw new ArgumentException($"An interval needs two values or more, not {values.Count}.", nameof(values));
        var random = new Random(seed);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            var sum = 0.0;
            for (var j = 0; j < values.Count; j++) sum += values[random.Next(values.Count)];
            means[i] = sum / values.Count;
        }

        Array.Sort(means);
        return new MeanInterval(values.Average(), means[(int)(0.025 * Resamples)], means[(int)(0.975 * Resamples) - 1]);
    }
}

/// <summary>A mean with its 95 % interval.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
public sealed record MeanInterval(double Mean, double Low, double High);
