using Perk.Core.Lora;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>The causal language-model loss of segments.</summary>
public static class SegmentLoss
{
    /// <summary>Cross-entropy of every token with loss, and what it weighs.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="adapter">The fast weights, or null.</param>
    /// <param name="weighting">The token-weighting head; null weighs every token 1.</param>
    /// <param name="batch">The segments.</param>
    /// <param name="twiceDifferentiable">Whether a gradient of a gradient will be taken.</param>
    /// <returns>Cross-entropy in nats, (N), in the batch's order; weights (N) or null.</returns>
    internal static (Tensor CrossEntropy, Tensor? Weights) OfTokens(
        CausalLM model, Adapter? adapter, TokenWeighting? weighting, SegmentBatch batch, bool twiceDifferentiable = false)
    {
        using var scope = NewDisposeScope();
        var hidden = model.Hidden(batch.Ids, adapter, null, twiceDifferentiable).flatten(0, 1); // (P·S·T, D)
        var logits = model.Logits(hidden.index_select(0, batch.Predictors)).AtLeastFloat32(); // (N, V): only where the loss looks
        var crossEntropy = nn.functional.cross_entropy(logits, batch.Targets, reduction: nn.Reduction.None);
        var targets = batch.Predictors.Plus(1L); // a target stands right after its predictor
        var weights = weighting?.Weights(hidden.index_select(0, targets).AtLeastFloat32());
        return (crossEntropy.MoveToOuterDisposeScope(), weights?.MoveToOuterDisposeScope());
    }

    /// <summary>Measures each segment by itself, without a gradient.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="adapter">The fast weights of one problem, or null.</param>
    /// <param name="segments">The segments.</param>
    /// <param name="perBatch">Segments in one forward pass.</param>
    /// <param name="cancel">Checked before each pass.</param>
    /// <returns>The mean loss per token of each segment, in nats.</returns>
    /// <exception cref="OperationCanceledException"/>
    public static double[] Measure(
        CausalLM model, Adapter? adapter, IReadOnlyList<TokenSegment> segments, int perBatch = 16, CancellationToken cancel = default)
    {
        using var noGradient = no_grad();
        var losses = new double[segments.Count];
        var done = 0;
        foreach (var chunk in segments.Chunk(perBatch))
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var batch = SegmentBatch.Create([chunk], model.Device);
            var tokens = OfTokens(model, adapter, null, batch).CrossEntropy.to(ScalarType.Float64).cpu().data<double>().ToArray();
            var at = 0;
            foreach (var segment in chunk)
            {
                losses[done++] = tokens.AsSpan(at, segment.LossTokens).ToArray().DefaultIfEmpty(0).Average();
                at += segment.LossTokens;
            }
        }

        return losses;
    }
}
