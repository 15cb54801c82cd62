using Perk.Scale.Queues;
using Perk.Scale.Replicas;

namespace Perk.Scale.Runs;

/// <summary>What came of a burst. Times are in seconds from the first submission, what is billed in seconds of all replicas together.</summary>
internal sealed record BurstResult
{
    internal BurstResult(Surroundings around, Fleet fleet, IReadOnlyList<Document> documents)
    {
        var ends = around.Ledger.Ends;
        (Drain, MostDone) = (ends[^1], ends[(int)Math.Ceiling(ends.Count * 0.99) - 1]);
        Bound = documents.Where(d => !d.Kills).Sum(d => d.Seconds) / around.Options.Scaler.MaxReplicas;
        Latency = around.Ledger.Latency / ends.Count;
        Bill = around.Bill;
        (Redeliveries, Succeeded, Poison) = (around.Queue.Redeliveries, around.Ledger.Succeeded, around.Ledger.DeadLettered);
        (Started, Peak) = (fleet.Started, fleet.Peak);
    }

    /// <summary>When the last document had ended.</summary>
    public double Drain { get; }

    /// <summary>When 99 in 100 had.</summary>
    public double MostDone { get; }

    /// <summary>From a document's submission to its end, in the mean.</summary>
    public double Latency { get; }

    /// <summary>No number of always warm replicas up to the limit can be faster: the documents' seconds over that limit.</summary>
    public double Bound { get; }

    /// <summary>What the replicas' time was spent on.</summary>
    public Bill Bill { get; }

    /// <summary>Deliveries of messages that had been delivered before.</summary>
    public long Redeliveries { get; }

    /// <summary>Documents that were encoded.</summary>
    public int Succeeded { get; }

    /// <summary>Documents that were given up.</summary>
    public int Poison { get; }

    /// <summary>Replicas that were started.</summary>
    public int Started { get; }

    /// <summary>The most replicas at once.</summary>
    public int Peak { get; }
}
