using MathNet.Numerics.Distributions;
using Perk.Scale.Events;
using Perk.Scale.Parameters;

namespace Perk.Scale.Queues;

/// <summary>A document.</summary>
/// <param name="Seconds">How long a try takes that succeeds.</param>
/// <param name="Kills">Whether it kills the process that works on it.</param>
/// <param name="Twice">Whether its message is on the queue twice.</param>
internal sealed record Document(double Seconds, bool Kills = false, bool Twice = false)
{
    /// <summary>Draws documents.</summary>
    /// <param name="count">How many.</param>
    /// <param name="work">How long they take.</param>
    /// <param name="faults">How many come twice, and how many, the first ones, kill.</param>
    /// <param name="draws">Random numbers.</param>
    public static List<Document> Draw(int count, DocumentOptions work, FaultOptions faults, Draws draws)
    {
        var random = draws[Purpose.Documents];
        return
        [
            .. Enumerable.Range(0, count).Select(i => new Document(
                work.OverheadSeconds + Tokens(work, random) * work.SecondsPerToken, i < faults.Killers, random.NextDouble() < faults.TwiceShare)),
        ];
    }

    /// <summary>A length; a log-normal's mean is exp(μ + σ²/2).</summary>
    private static double Tokens(DocumentOptions work, Random random) => work.Lengths == LengthDistribution.Exponential
        ? Exponential.Sample(random, 1 / work.MeanTokens)
        : LogNormal.Sample(random, Math.Log(work.MeanTokens) - work.Spread * work.Spread / 2, work.Spread);
}
