using Perk.Core.Training;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>Gathers how well each kind of text of a batch was predicted.</summary>
internal sealed class SampleScores
{
    private readonly SortedDictionary<MixtureKind, (double Loss, int Tokens, int Right, int Sequences)> _kinds = [];

    /// <summary>Adds the rows of a micro-batch.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="batch">As they were laid out.</param>
    /// <param name="crossEntropy">(N).</param>
    /// <param name="logits">(N, V).</param>
    internal void Add(IReadOnlyList<TrainingSample> rows, TrainingBatch batch, Tensor crossEntropy, Tensor logits)
    {
        var losses = crossEntropy.cpu().data<float>().ToArray();
        var right = logits.argmax(-1).eq(batch.Targets).cpu().data<bool>().ToArray();
        var whole = Enumerable.Repeat(true, rows.Count).ToArray();
        foreach (var (i, row) in batch.RowOf.Index())
        {
            whole[row] &= right[i];
            var sum = _kinds.GetValueOrDefault(rows[row].Kind);
            _kinds[rows[row].Kind] = sum with { Loss = sum.Loss + losses[i], Tokens = sum.Tokens + 1 };
        }

        foreach (var (row, sample) in rows.Index())
        {
            var sum = _kinds.GetValueOrDefault(sample.Kind);
            _kinds[sample.Kind] = sum with { Sequences = sum.Sequences + 1, Right = sum.Right + (whole[row] ? 1 : 0) };
        }
    }

    /// <summary>Adds what another has gathered.</summary>
    internal void Add(SampleScores other)
    {
        foreach (var (kind, more) in other._kinds)
        {
            var sum = _kinds.GetValueOrDefault(kind);
            _kinds[kind] = (sum.Loss + more.Loss, sum.Tokens + more.Tokens, sum.Right + more.Right, sum.Sequences + more.Sequences);
        }
    }

    /// <summary>The scores of the kinds that occurred.</summary>
    internal IReadOnlyDictionary<MixtureKind, KindScore> ByKind() => _kinds.ToDictionary(
        k => k.Key, k => new KindScore(k.Value.Loss / Math.Max(1, k.Value.Tokens), k.Value.Right, k.Value.Sequences));
}

/// <summary>How a kind of text fared in a step.</summary>
/// <param name="Loss">The mean cross-entropy of its tokens with loss, in nats.</param>
/// <param name="Right">Sequences whose tokens with loss were all the likeliest, each after the right ones before it.</param>
/// <param name="Sequences">Of how many.</param>
public sealed record KindScore(double Loss, int Right, int Sequences);
