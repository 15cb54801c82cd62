using Perk.Scale.Replicas;

namespace Perk.Scale.Runs;

/// <summary>Bursts of one setting over several seeds; seconds, and of what is billed replica-seconds.</summary>
internal sealed record BurstSummary
{
    /// <summary>Of some results.</summary>
    /// <param name="maxReplicas">The most replicas there could be.</param>
    /// <param name="results">What came of it, one for each seed.</param>
    public BurstSummary(int maxReplicas, IReadOnlyCollection<BurstResult> results)
    {
        MaxReplicas = maxReplicas;
        Drain = Of(r => r.Drain);
        MostDone = Of(r => r.MostDone);
        Latency = Of(r => r.Latency);
        Bound = Of(r => r.Bound);
        Billed = Of(r => r.Bill.Total);
        Seconds = Enum.GetValues<Spent>().ToDictionary(on => on, on => Of(r => r.Bill[on]));
        Redeliveries = Of(r => r.Redeliveries);
        Poison = Of(r => r.Poison);
        Succeeded = Of(r => r.Succeeded);
        Started = Of(r => r.Started);
        Peak = Of(r => r.Peak);

        Figure Of(Func<BurstResult, double> quantity) => Figure.Of(results.Select(quantity));
    }

    /// <summary>The most replicas there could be.</summary>
    public int MaxReplicas { get; }

    /// <inheritdoc cref="BurstResult.Drain"/>
    public Figure Drain { get; }

    /// <inheritdoc cref="BurstResult.MostDone"/>
    public Figure MostDone { get; }

    /// <inheritdoc cref="BurstResult.Latency"/>
    public Figure Latency { get; }

    /// <inheritdoc cref="BurstResult.Bound"/>
    public Figure Bound { get; }

    /// <summary>Replica-seconds.</summary>
    public Figure Billed { get; }

    /// <summary>What they were spent on.</summary>
    public IReadOnlyDictionary<Spent, Figure> Seconds { get; }

    /// <inheritdoc cref="BurstResult.Redeliveries"/>
    public Figure Redeliveries { get; }

    /// <inheritdoc cref="BurstResult.Succeeded"/>
    public Figure Succeeded { get; }

    /// <inheritdoc cref="BurstResult.Poison"/>
    public Figure Poison { get; }

    /// <inheritdoc cref="BurstResult.Started"/>
    public Figure Started { get; }

    /// <inheritdoc cref="BurstResult.Peak"/>
    public Figure Peak { get; }

    /// <summary>The mean share of what is billed that was spent on something.</summary>
    public double Share(params IEnumerable<Spent> on) => on.Sum(one => Seconds[one].Mean) / Billed.Mean;
}
