using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
using Perk.Scale.Events;
using Perk.Scale.Parameters;
using Perk.Scale.Queues;
using Perk.Scale.Replicas;

namespace Perk.Scale.Runs;

/// <summary>Documents that come one after the other to replicas that always run; nothing goes wrong.</summary>
internal static class Steady
{
    /// <summary>Runs one.</summary>
    /// <param name="options">The parameters.</param>
    /// <param name="seed">Decides all that is random.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="OperationCanceledException"/>
    public static SteadyResult Run(SteadyOptions options, int seed, CancellationToken cancel)
    {
        var waits = new List<double>();
        EventLoop? clock = null;
        var around = Surroundings.Create(AlwaysOn(options), seed) with { Began = job => waits.Add(clock!.Now - job.Submitted) };
        clock = around.Loop;
        var total = (options.Batches + 1) * options.BatchDocuments;
        new Fleet(around).ScaleTo(options.Replicas);
        Arrive();
        clock.Run(() => waits.Count == total, cancel);
        return SteadyResult.Of(options, [.. waits.Chunk(options.BatchDocuments).Skip(1).Select(batch => batch.Mean())]);

        void Arrive() => clock.After(Exponential.Sample(around.Draws[Purpose.Arrivals], options.ArrivalsPerSecond), () =>
        {
            around.Queue.Send(new Message(new Job(Document.Draw(1, options.Work, FaultOptions.None, around.Draws)[0], clock.Now)));
            Arrive();
        });
    }

    private static BurstOptions AlwaysOn(SteadyOptions options) => new()
    {
        Work = options.Work, ColdStart = ColdStartOptions.None, Faults = FaultOptions.None, SeesAtOnce = true,
        Scaler = new ScalerOptions { MinReplicas = options.Replicas, MaxReplicas = options.Replicas },
    };
}
