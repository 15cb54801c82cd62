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
/// micro-batches, in any order, is the same step up to rounding.
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
        CancellationToken cancel = default)
    {
        options.Validated();
        if (segments.All(s => s.LossTokens == 0)) throw new ArgumentException("No segment has a token to learn.", nameof(segments));
        if (meta.StepSizes.shape[0] < options.Steps)
            throw new ArgumentException($"{options.Steps} inner steps were asked for, but the meta-parameters hold step sizes for {meta.StepSizes.shape[0]}.");

        using var scope = NewDisposeScope();
        var optimizer = InnerOptimizer.Create(options);
        var adapter = meta.InitialAdapter;
        var state = optimizer.Init(adapter.Tensors);
        var losses = new double[options.Steps];
        for (var step = 0; step < options.Steps; step++)
        {
            using var sum = Sum(model, adapter, segments, options, step, progress, cancel);
            losses[step] = sum.Loss[0] / sum.Tokens[0];
            if (!double.IsFinite(losses[step])) throw new InnerLoopDivergedException(step, losses);

            var (next, nextState) = Update(optimizer, adapter, state, sum, meta.StepSizes[step], options);
            state.Dispose();
            if (step > 0) adapter.Dispose();
            (adapter, state) = (next, nextState);
        }

        if (!AllFinite(adapter)) throw new InnerLoopDivergedException(options.Steps, losses);
        foreach (var tensor in adapter.Tensors) tensor.DetachFromDisposeScope();
        return new InnerLoopResult(adapter, losses, segments.Sum(s => (long)s.LossTokens));
    }

    /// <summary>First half of a step: the weighted gradients of one micro-batch, summed over its tokens.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="adapter">The fast weights of P problems.</param>
    /// <param name="problems">Each problem's segments.</param>
    public static GradientSum Accumulate(CausalLM model, Adapter adapter, IReadOnlyList<IReadOnlyList<TokenSegment>> problems)
    {
        using var withGradient = enable_grad();
        using var scope = NewDisposeScope();
        using var batch = SegmentBatch.Create(problems, model.Device);
        var point = adapter.With([.. adapter.Tensors.Select(t => t.detach().requires_grad_())]);
        var losses = SegmentLoss.OfTokens(model, point, batch); // (N)
        var gradients = Gradients.Of(losses.sum(), point.Tensors);
        var perProblem = zeros(problems.Count, dtype: losses.dtype, device: losses.device).index_add(0, batch.ProblemOf, losses.detach(), 1);
        return new GradientSum(
            [.. gradients.Select(g => g.MoveToOuterDisposeScope())],
            perProblem.to(ScalarType.Float64).cpu().data<double>().ToArray(),
            batch.Tokens);
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
        using var noGradient = no_grad();
        var gradients = sum.Normalised(options);
        var (weights, next) = optimizer.Update(adapter.Tensors, gradients, state, stepSizes);
        foreach (var gradient in gradients) gradient.Dispose();
        return (adapter.With(weights), next);
    }

    private static GradientSum Sum(
        CausalLM model, Adapter adapter, IReadOnlyList<TokenSegment> segments, InnerLoopOptions options, int step,
        IProgress<InnerLoopProgress>? progress, CancellationToken cancel)
    {
        GradientSum? total = null;
        // Segments of like length together: less padding, and a sum does not care for their order.
        foreach (var chunk in segments.OrderByDescending(s => s.Ids.Count).Chunk(options.SegmentsPerMicroBatch))
        {
            cancel.ThrowIfCancellationRequested();
            var part = Accumulate(model, adapter, [chunk]);
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

            progress?.Report(new InnerLoopProgress(step + 1, options.Steps, chunk.Sum(s => s.LossTokens), total.Loss[0] / Math.Max(1, total.Tokens[0])));
        }

        return total!;
    }

    private static bool AllFinite(Adapter adapter)
    {
        using var scope = NewDisposeScope();
        return adapter.Tensors.All(t => t.isfinite().all().item<bool>());
    }
}

/// <summary>What the inner loop made.</summary>
/// <param name="Adapter">The adapter, owned by whoever holds this.</param>
/// <param name="Losses">The loss per token in nats before each step.</param>
/// <param name="Tokens">Tokens with loss.</param>
public sealed record InnerLoopResult(Adapter Adapter, IReadOnlyList<double> Losses, long Tokens);

/// <summary>A micro-batch is done.</summary>
/// <param name="Step">The running step, from 1.</param>
/// <param name="Steps">How many there are.</param>
/// <param name="Tokens">Tokens with loss in the micro-batch.</param>
/// <param name="Loss">The mean loss per token of this step so far, in nats.</param>
public sealed record InnerLoopProgress(int Step, int Steps, int Tokens, double Loss);

/// <summary>The inner loop left the finite numbers.</summary>
public sealed class InnerLoopDivergedException(int step, IReadOnlyList<double> losses) : Exception(
    $"The inner loop diverged after {step} step(s) (loss per token before each: {string.Join(", ", losses.Take(step + 1).Select(l => l.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture)))}); "
    + "use a smaller step size or fewer steps.");
