using Perk.Core.Lora;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>
/// PERK's inner loop (arXiv 2507.06415, section 3): a context, cut into segments that do not see each other, is written into an
/// adapter by a few gradient steps on its weighted causal language-model loss.
/// </summary>
/// <remarks>
/// A step is two pure functions, <see cref="Accumulate"/> and <see cref="Update"/>. Between them stands a sum, so any split into
/// micro-batches, in any order, is the same step up to rounding. Encoding and meta-training run the same loop: where the
/// meta-parameters require a gradient, the adapter can be differentiated with respect to them.
/// </remarks>
public static class InnerLoop
{
    /// <summary>Writes one context.</summary>
    /// <param name="model">The base model; stays as it is.</param>
    /// <param name="meta">Where to start and how far to step; stays as it is.</param>
    /// <param name="segments">The context's segments, at least one.</param>
    /// <param name="options">How to step.</param>
    /// <param name="progress">Told after each micro-batch.</param>
    /// <param name="cancel">Checked before each micro-batch.</param>
    /// <returns>The adapter and the loss per token before each step; the caller disposes the adapter.</returns>
    /// <exception cref="ArgumentException">No segment carries loss, an option is out of range, or there are fewer step sizes than steps.</exception>
    /// <exception cref="InnerLoopDivergedException">The loss or the adapter is no longer finite.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static InnerLoopResult Run(
        CausalLM model,
        MetaParameters meta,
        IReadOnlyList<TokenSegment> segments,
        InnerLoopOptions options,
        IProgress<InnerLoopProgress>? progress = null,
        CancellationToken cancel = default) => Run(model, meta, [segments], options, 0, progress, cancel);

    /// <summary>Writes several contexts at once, each into fast weights of its own.</summary>
    /// <param name="model">The base model; stays as it is.</param>
    /// <param name="meta">Where to start and how far to step; stays as it is.</param>
    /// <param name="problems">The segments of each of P contexts.</param>
    /// <param name="options">How to step; a micro-batch has that many segments of each problem.</param>
    /// <param name="unrolledSteps">
    /// T: how many of the last steps keep their graph. In the steps before, the gradient is detached and the parameters are not: their
    /// Jacobian is the identity (times 1 − α·λ), and the initial adapter and their step sizes still receive gradient through them.
    /// 0 is first-order, all steps is full unrolling. The value is the same for any T up to the rounding of the attention kernels.
    /// </param>
    /// <param name="progress">Told after each micro-batch.</param>
    /// <param name="cancel">Checked before each micro-batch.</param>
    /// <returns>An adapter of P problems, attached to the meta-parameters where they require a gradient; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">A problem carries no loss, or an option or T is out of range.</exception>
    /// <exception cref="InnerLoopDivergedException">The loss or the adapter is no longer finite.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static InnerLoopResult Run(
        CausalLM model,
        MetaParameters meta,
        IReadOnlyList<IReadOnlyList<TokenSegment>> problems,
        InnerLoopOptions options,
        int unrolledSteps,
        IProgress<InnerLoopProgress>? progress = null,
        CancellationToken cancel = default)
    {
        Require(meta, problems, options, unrolledSteps);
        using var scope = NewDisposeScope();
        var optimizer = InnerOptimizer.Create(options);
        var adapter = meta.InitialAdapter.With([.. meta.InitialAdapter.Tensors.Select(t => t.expand(problems.Count, -1, -1))]);
        var state = optimizer.Init(adapter.Tensors);
        var losses = new double[options.Steps];
        for (var step = 0; step < options.Steps; step++)
        {
            var keepGraph = step >= options.Steps - unrolledSteps;
            using var sum = Sum(model, adapter, meta.Weighting, problems, options, step, keepGraph, progress, cancel);
            losses[step] = sum.Loss.Sum() / sum.Tokens.Sum();
            if (!double.IsFinite(losses[step])) throw new InnerLoopDivergedException(step, losses);

            var (next, nextState) = Update(optimizer, adapter, state, sum, meta.StepSizes[step], options);
            state.Dispose();
            adapter.Dispose();
            (adapter, state) = (next, nextState);
        }

        if (!AllFinite(adapter)) throw new InnerLoopDivergedException(options.Steps, losses);
        foreach (var tensor in adapter.Tensors) tensor.DetachFromDisposeScope();
        return new InnerLoopResult(adapter, losses, problems.Sum(p => p.Sum(s => (long)s.LossTokens)));
    }

    /// <summary>First half of a step: the weighted gradients of one micro-batch, summed over its tokens.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="adapter">The fast weights of P problems.</param>
    /// <param name="weighting">The token-weighting head; null weighs every token 1.</param>
    /// <param name="problems">Each problem's segments.</param>
    /// <param name="keepGraph">Whether the gradients can be differentiated again; otherwise they are constants.</param>
    public static GradientSum Accumulate(
        CausalLM model, Adapter adapter, TokenWeighting? weighting, IReadOnlyList<IReadOnlyList<TokenSegment>> problems, bool keepGraph = false)
    {
        using var withGradient = enable_grad();
        using var scope = NewDisposeScope();
        using var batch = SegmentBatch.Create(problems, model.Device);
        var point = adapter.With([.. adapter.Tensors.Select(t => keepGraph && t.requires_grad ? t : t.detach().requires_grad_())]);
        var (crossEntropy, weights) = SegmentLoss.OfTokens(model, point, weighting, batch, keepGraph); // (N)
        var weighted = weights is null ? crossEntropy : weights * crossEntropy;
        var loss = (batch.Scales is null ? weighted : weighted * batch.Scales).sum();
        var gradients = Gradients.Of(loss, point.Tensors, keepGraph);
        var perProblem = zeros(problems.Count, ScalarType.Float64, loss.device)
            .AddedAt(batch.ProblemOf, crossEntropy.detach().to(ScalarType.Float64));
        return new GradientSum(
            [.. gradients.Select(g => g.MoveToOuterDisposeScope())], perProblem.cpu().data<double>().ToArray(), batch.Tokens);
    }

    /// <summary>Second half of a step: from the sum of gradients to the next adapter.</summary>
    /// <param name="optimizer">The update rule.</param>
    /// <param name="adapter">The fast weights before the step.</param>
    /// <param name="state">The rule's state before the step.</param>
    /// <param name="sum">The gradients of all micro-batches.</param>
    /// <param name="stepSizes">One per tensor, (tensors).</param>
    /// <param name="options">The normalisation.</param>
    /// <returns>New tensors; what was given stays as it is.</returns>
    public static (Adapter Adapter, OptimizerState State) Update(
        InnerOptimizer optimizer, Adapter adapter, OptimizerState state, GradientSum sum, Tensor stepSizes, InnerLoopOptions options)
    {
        var gradients = sum.Normalised(options);
        var (weights, next) = optimizer.Update(adapter.Tensors, gradients, state, stepSizes);
        foreach (var gradient in gradients) gradient.Dispose();
        return (adapter.With(weights), next);
    }

    private static GradientSum Sum(
        CausalLM model, Adapter adapter, TokenWeighting? weighting, IReadOnlyList<IReadOnlyList<TokenSegment>> problems,
        InnerLoopOptions options, int step, bool keepGraph, IProgress<InnerLoopProgress>? progress, CancellationToken cancel)
    {
        GradientSum? total = null;
        foreach (var batch in MicroBatches(problems, options.SegmentsPerMicroBatch))
        {
            cancel.ThrowIfCancellationRequested();
            var part = Accumulate(model, adapter, weighting, batch, keepGraph);
            if (total is null)
            {
                total = part;
            }
            else
            {
                var sum = total.Plus(part);
                total.Dispose();
                part.Dispose();
                total = sum;
            }

            var loss = total.Loss.Sum() / Math.Max(1, total.Tokens.Sum());
            progress?.Report(new InnerLoopProgress(step + 1, options.Steps, batch.Sum(p => p.Sum(s => s.LossTokens)), loss));
        }

        return total!;
    }

    /// <summary>So many segments of each problem; those of like length together, for less padding: a sum does not care for order.</summary>
    private static IEnumerable<IReadOnlyList<IReadOnlyList<TokenSegment>>> MicroBatches(
        IReadOnlyList<IReadOnlyList<TokenSegment>> problems, int segments)
    {
        TokenSegment[][][] chunks = [.. problems.Select(p => p.OrderByDescending(s => s.Ids.Count).Chunk(segments).ToArray())];
        for (var i = 0; i < chunks.Max(c => c.Length); i++) yield return [.. chunks.Select(c => i < c.Length ? c[i] : [])];
    }

    private static void Require(
        MetaParameters meta, IReadOnlyList<IReadOnlyList<TokenSegment>> problems, InnerLoopOptions options, int unrolledSteps)
    {
        options.Validated();
        if (problems.Count == 0 || problems.Any(p => p.All(s => s.LossTokens == 0)))
            throw new ArgumentException("No segment has a token to learn.", nameof(problems));
        if (unrolledSteps < 0 || unrolledSteps > options.Steps)
            throw new ArgumentException($"{unrolledSteps} unrolled steps are out of range; use 0 to {options.Steps}.", nameof(unrolledSteps));
        if (meta.StepSizes.shape[0] < options.Steps)
        {
            throw new ArgumentException(
                $"{options.Steps} inner steps were asked for, but the meta-parameters hold step sizes for {meta.StepSizes.shape[0]}.", nameof(meta));
        }
    }

    private static bool AllFinite(Adapter adapter)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        return adapter.Tensors.All(t => t.isfinite().all().item<bool>());
    }
}
