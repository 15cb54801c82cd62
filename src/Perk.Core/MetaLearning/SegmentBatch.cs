using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>
/// Segments of P problems as one micro-batch: a row each, padded on the right. Causal attention keeps the padding out of sight
/// and rows apart, so neither changes any segment's loss.
/// </summary>
internal sealed class SegmentBatch : IDisposable
{
    private SegmentBatch(Tensor ids, Tensor predictors, Tensor targets, Tensor problemOf, Tensor? scales, long[] tokens) =>
        (Ids, Predictors, Targets, ProblemOf, Scales, Tokens) = (ids, predictors, targets, problemOf, scales, tokens);

    /// <summary>Integer (P·S, T).</summary>
    public Tensor Ids { get; }

    /// <summary>Positions in the flattened (P·S·T) of the tokens that predict a token with loss, integer (N).</summary>
    public Tensor Predictors { get; }

    /// <summary>The tokens with loss, integer (N).</summary>
    public Tensor Targets { get; }

    /// <summary>The problem each of them belongs to, integer (N).</summary>
    public Tensor ProblemOf { get; }

    /// <summary>What the loss of each of them is multiplied by, float (N); null for 1 everywhere.</summary>
    public Tensor? Scales { get; }

    /// <summary>Tokens with loss of each problem, (P).</summary>
    public long[] Tokens { get; }

    /// <summary>Lays out segments.</summary>
    /// <param name="problems">The segments of each problem; a problem with fewer than the others gets empty rows.</param>
    /// <param name="device">The model's device.</param>
    public static SegmentBatch Create(IReadOnlyList<IReadOnlyList<TokenSegment>> problems, Device device)
    {
        var rows = problems.Max(p => p.Count);
        var length = problems.SelectMany(p => p).Max(s => s.Ids.Count);
        var ids = new long[problems.Count * rows * length];
        List<long> predictors = [], targets = [], problemOf = [];
        List<float> scales = [];
        for (var p = 0; p < problems.Count; p++)
        {
            for (var s = 0; s < problems[p].Count; s++)
            {
                var segment = problems[p][s];
                var start = (p * rows + s) * length;
                for (var i = 0; i < segment.Ids.Count; i++)
                {
                    ids[start + i] = segment.Ids[i];
                    if (i < Math.Max(1, segment.Prefix)) continue;
                    predictors.Add(start + i - 1);
                    targets.Add(segment.Ids[i]);
                    problemOf.Add(p);
                    scales.Add((float)segment.Scale);
                }
            }
        }

        using var scope = NewDisposeScope();
        return new SegmentBatch(
            tensor(ids, [problems.Count * rows, length], device: device).DetachFromDisposeScope(),
            tensor(predictors.ToArray(), device: device).DetachFromDisposeScope(),
            tensor(targets.ToArray(), device: device).DetachFromDisposeScope(),
            tensor(problemOf.ToArray(), device: device).DetachFromDisposeScope(),
            scales.TrueForAll(s => s == 1) ? null : tensor(scales.ToArray(), device: device).DetachFromDisposeScope(),
            [.. problems.Select(p => p.Sum(s => (long)s.LossTokens))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Ids.Dispose();
        Predictors.Dispose();
        Targets.Dispose();
        ProblemOf.Dispose();
        Scales?.Dispose();
    }
}
