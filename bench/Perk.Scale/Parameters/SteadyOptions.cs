namespace Perk.Scale.Parameters;

/// <summary>Documents that come one after the other, as a Poisson process, to replicas that always run: what queueing theory knows.</summary>
internal sealed record SteadyOptions
{
    /// <summary>Replicas, theory's servers.</summary>
    public int Replicas { get; init => field = Within.Range(value, 1, 1000); } = 1;

    /// <summary>The share of their time that they work: arrivals a second × mean service time / replicas.</summary>
    public double Load { get; init => field = Within.Range(value, 0.01, 0.99); } = 0.8;

    /// <summary>How long each document takes.</summary>
    public DocumentOptions Work { get; init; } = new();

    /// <summary>Batches whose means are compared; one more comes first and does not count.</summary>
    public int Batches { get; init => field = Within.Range(value, 2, 10_000); } = 30;

    /// <summary>Documents in a batch: many times those that come while the queue forgets its state.</summary>
    public int BatchDocuments { get; init => field = Within.Range(value, 100, 10_000_000); } = 20_000;

    /// <summary>Documents that come in a second.</summary>
    public double ArrivalsPerSecond => Load * Replicas / Work.MeanSeconds;
}
