namespace Perk.Scale.Parameters;

/// <summary>How long documents take to encode: tokens × inner steps / rate, and something for each that does not grow with it.</summary>
internal sealed record DocumentOptions
{
    private const double Year = 365 * 86400.0;

    /// <summary>The mean length in the model's tokens. Assumed: 40,000 of perk-1m's are 107 kB of English.</summary>
    public double MeanTokens { get; init => field = Within.Range(value, 1, 1e9); } = 40_000;

    /// <summary>How lengths are spread.</summary>
    public LengthDistribution Lengths { get; init; } = LengthDistribution.LogNormal;

    /// <summary>The standard deviation of the lengths' logarithm (natural), for <see cref="LengthDistribution.LogNormal"/>; 0 makes all alike. Assumed.</summary>
    public double Spread { get; init => field = Within.Range(value, 0, 3); } = 1;

    /// <summary>Inner steps; the checkpoint that ships (models/perk-1m/memory) takes 2.</summary>
    public int InnerSteps { get; init => field = Within.Range(value, 1, 1000); } = 2;

    /// <summary>
    /// Tokens a second, each inner step's counted. Measured with the checkpoint that ships on two cores (docs/experiments.md, 2026-11-26):
    /// 202,710 tokens in 27.6 and in 35.3 s. No GPU's rate is known.
    /// </summary>
    public double TokensPerSecond { get; init => field = Within.Range(value, 1e-3, 1e12); } = 6_400;

    /// <summary>
    /// Seconds for the message, the job record, reading and writing, of every delivery. Assumed; a document of a few lines with its five
    /// questions took 0.66 s in all on the emulator (docs/operations.md, load).
    /// </summary>
    public double OverheadSeconds { get; init => field = Within.Range(value, 0, Year); } = 0.5;

    /// <summary>Mean of the service time in seconds.</summary>
    public double MeanSeconds => OverheadSeconds + MeanTokens * SecondsPerToken;

    /// <summary>Squared coefficient of variation of the service time: its variance over its squared mean.</summary>
    public double SquaredVariation => SquaredVariationOfTokens * Math.Pow(MeanTokens * SecondsPerToken / MeanSeconds, 2);

    /// <summary>Seconds a token takes, over all inner steps.</summary>
    public double SecondsPerToken => InnerSteps / TokensPerSecond;

    private double SquaredVariationOfTokens => Lengths == LengthDistribution.Exponential ? 1 : Math.Exp(Spread * Spread) - 1;
}

/// <summary>How documents' lengths are spread.</summary>
public enum LengthDistribution
{
    /// <summary>Log-normal, as sizes of files mostly are (Downey 2001, The structural cause of file size distributions).</summary>
    LogNormal,

    /// <summary>Exponential: what M/M/k asks for.</summary>
    Exponential,
}
