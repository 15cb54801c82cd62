using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>An update rule as two pure functions over explicit state: nothing it is given is modified.</summary>
public abstract class InnerOptimizer
{
    /// <summary>The rule that the options ask for.</summary>
    public static InnerOptimizer Create(InnerLoopOptions options) => options.Optimizer switch
    {
        InnerOptimizerKind.AdamW => new AdamW(options.Beta1, options.Beta2, options.RootEpsilon, options.WeightDecay),
        InnerOptimizerKind.Sgd => new Sgd(options.WeightDecay),
        _ => throw new ArgumentException($"Optimizer {options.Optimizer} is unknown."),
    };

    /// <summary>The state before the first step.</summary>
    public abstract OptimizerState Init(IReadOnlyList<Tensor> weights);

    /// <summary>One step.</summary>
    /// <param name="weights">The adapter's tensors.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="state">The state after the previous step.</param>
    /// <param name="stepSizes">One per tensor, (tensors).</param>
    /// <returns>The next weights and state, all new tensors.</returns>
    public abstract (Tensor[] Weights, OptimizerState State) Update(
        IReadOnlyList<Tensor> weights, IReadOnlyList<Tensor> gradients, OptimizerState state, Tensor stepSizes);
}

/// <summary>What an update rule remembers between steps.</summary>
/// <param name="Step">Steps taken.</param>
/// <param name="First">First moments, a tensor per weight, or none.</param>
/// <param name="Second">Second moments, a tensor per weight, or none.</param>
public sealed record OptimizerState(int Step, IReadOnlyList<Tensor> First, IReadOnlyList<Tensor> Second) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in First.Concat(Second)) tensor.Dispose();
    }
}

/// <summary>
/// AdamW (arXiv 1711.05101, algorithm 2) with ε inside the root: w ← w·(1 − α·λ) − α·m̂ / √(v̂ + ε²), whose derivative is finite
/// where a gradient is exactly zero (as A's is while B = 0).
/// </summary>
internal sealed class AdamW(double beta1, double beta2, double rootEpsilon, double weightDecay) : InnerOptimizer
{
    public override OptimizerState Init(IReadOnlyList<Tensor> weights) =>
        new(0, [.. weights.Select(w => zeros_like(w))], [.. weights.Select(w => zeros_like(w))]);

    public override (Tensor[] Weights, OptimizerState State) Update(
        IReadOnlyList<Tensor> weights, IReadOnlyList<Tensor> gradients, OptimizerState state, Tensor stepSizes)
    {
        var step = state.Step + 1;
        double correction1 = 1 - Math.Pow(beta1, step), correction2 = 1 - Math.Pow(beta2, step);
        Tensor[] next = new Tensor[weights.Count], first = new Tensor[weights.Count], second = new Tensor[weights.Count];
        for (var i = 0; i < next.Length; i++)
        {
            using var scope = NewDisposeScope();
            var (g, rate) = (gradients[i], stepSizes[i]);
            first[i] = state.First[i].Times(beta1).Plus(g.Times(1 - beta1)).MoveToOuterDisposeScope();
            second[i] = state.Second[i].Times(beta2).Plus(g.Squared().Times(1 - beta2)).MoveToOuterDisposeScope();
            var direction = first[i].Over(correction1) * second[i].Over(correction2).Plus(rootEpsilon * rootEpsilon).rsqrt();
            next[i] = (weights[i] * rate.Times(weightDecay).From(1) - rate * direction).MoveToOuterDisposeScope();
        }

        return (next, new OptimizerState(step, first, second));
    }
}

/// <summary>Gradient descent with decoupled weight decay: w ← w·(1 − α·λ) − α·g.</summary>
internal sealed class Sgd(double weightDecay) : InnerOptimizer
{
    public override OptimizerState Init(IReadOnlyList<Tensor> weights) => new(0, [], []);

    public override (Tensor[] Weights, OptimizerState State) Update(
        IReadOnlyList<Tensor> weights, IReadOnlyList<Tensor> gradients, OptimizerState state, Tensor stepSizes)
    {
        var next = new Tensor[weights.Count];
        for (var i = 0; i < next.Length; i++)
        {
            using var scope = NewDisposeScope();
            var rate = stepSizes[i];
            next[i] = (weights[i] * rate.Times(weightDecay).From(1) - rate * gradients[i]).MoveToOuterDisposeScope();
        }

        return (next, new OptimizerState(state.Step + 1, [], []));
    }
}
