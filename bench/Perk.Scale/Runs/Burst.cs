using Perk.Scale.Events;
using Perk.Scale.Parameters;
using Perk.Scale.Queues;
using Perk.Scale.Replicas;

namespace Perk.Scale.Runs;

/// <summary>A burst of documents, from the first submission until the last replica is gone.</summary>
internal static class Burst
{
    /// <summary>Runs one.</summary>
    /// <param name="options">The parameters.</param>
    /// <param name="seed">Decides all that is random.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="OperationCanceledException"/>
    public static BurstResult Run(BurstOptions options, int seed, CancellationToken cancel)
    {
        var around = Surroundings.Create(options, seed);
        var documents = Document.Draw(options.Documents, options.Work, options.Faults, around.Draws);
        return Run(around, documents, cancel);
    }

    /// <summary>Runs one with given documents.</summary>
    internal static BurstResult Run(Surroundings around, IReadOnlyList<Document> documents, CancellationToken cancel)
    {
        var (options, fleet) = (around.Options, new Fleet(around));
        foreach (var document in documents)
        {
            if (options.ArrivalSeconds == 0) Submit(document);
            else around.Loop.After(around.Draws[Purpose.Arrivals].NextDouble() * options.ArrivalSeconds, () => Submit(document));
        }

        new Scaler(around, fleet).Start();
        around.Loop.Run(() => Drained() && (options.Scaler.MinReplicas > 0 || (around.Queue.Length == 0 && fleet.IsGone)), cancel);
        fleet.Settle();
        return new BurstResult(around, fleet, documents);

        void Submit(Document document)
        {
            var job = new Job(document, around.Loop.Now);
            around.Queue.Send(new Message(job));
            if (document.Twice) around.Queue.Send(new Message(job));
        }

        bool Drained()
        {
            if (around.Ledger.Ends.Count < documents.Count) return false;
            if (!around.Bill.IsDrained) fleet.Drained();
            return true;
        }
    }
}
