using Perk.Core.Training;

namespace Perk.Core.MetaLearning;

/// <summary>A step of a pretraining: a line of <c>metrics.jsonl</c>.</summary>
public sealed record PretrainMetric
{
    /// <summary>Steps done.</summary>
    public required int Step { get; init; }

    /// <summary>The loss before it; null where it was not finite.</summary>
    public double? Loss { get; init; }

    /// <summary>The norm of its gradient; null where it was not finite.</summary>
    public double? Norm { get; init; }

    /// <summary>The scheduled rate.</summary>
    public double Rate { get; init; }

    /// <summary>Whether the step was skipped.</summary>
    public bool Skipped { get; init; }

    /// <summary>Tokens of the batch, with and without loss.</summary>
    public int Tokens { get; init; }

    /// <summary>How long it took.</summary>
    public double Seconds { get; init; }

    /// <summary>The process's greatest resident set so far.</summary>
    public long PeakMemoryBytes { get; init; }

    /// <summary>How each kind of text fared that occurred.</summary>
    public IReadOnlyDictionary<MixtureKind, KindScore> Kinds { get; init; } = new Dictionary<MixtureKind, KindScore>();

    internal static PretrainMetric Of(int step, IReadOnlyList<TrainingSample> batch, PretrainStep done, TimeSpan elapsed) => new()
    {
        Step = step,
        Loss = double.IsFinite(done.Loss) ? done.Loss : null,
        Norm = double.IsFinite(done.Norm) ? done.Norm : null,
        Rate = done.Rate,
        Skipped = done.Skipped,
        Tokens = batch.Sum(s => s.Sequence.Ids.Length),
        Seconds = elapsed.TotalSeconds,
        PeakMemoryBytes = PeakMemory.Bytes(),
        Kinds = done.Kinds,
    };

    internal StepPoint Point() => new(Step, Loss)
    {
        Finite = Norm is not null,
        Skipped = Skipped,
        Tokens = Tokens,
        Seconds = Seconds,
        PeakMemoryBytes = PeakMemoryBytes,
    };
}
