using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>One step of outer optimization: a loss, its gradient, a guard against what is not finite or far out, Adam.</summary>
public static class OuterLoop
{
    /// <summary>So many steps without a finite loss in a row end a training.</summary>
    public const int MostNonFinite = 20;

    private const double NormDecay = 0.95;

    /// <summary>Takes a step.</summary>
    /// <param name="state">Before it; stays the caller's to dispose.</param>
    /// <param name="gradient">Loss and gradient at the parameters; called once.</param>
    /// <param name="rates">The rate of each parameter as a share of the scheduled one, and its weight decay.</param>
    /// <param name="options">How to step.</param>
    /// <returns>The next state, whose tensors are new or, where the step was skipped, copies; and what happened.</returns>
    /// <exception cref="TrainingDivergedException">The loss has not been finite for <see cref="MostNonFinite"/> steps.</exception>
    public static (OuterState State, OuterStep Step) Step(
        OuterState state, Func<IReadOnlyList<Tensor>, OuterGradient> gradient, IReadOnlyList<(double Rate, double Decay)> rates, OuterOptions options)
    {
        using var scope = NewDisposeScope();
        var rate = options.RateAt(state.Step);
        var (value, gradients) = gradient(state.Parameters);
        using var noGradient = no_grad();
        var norm = gradients.Count == 0 ? double.NaN : Norm(gradients);
        if (!double.IsFinite(norm))
        {
            if (state.NonFiniteInARow + 1 >= MostNonFinite) throw new TrainingDivergedException(state.Step, MostNonFinite);
            return (Skip(state) with { NonFinite = state.NonFinite + 1, NonFiniteInARow = state.NonFiniteInARow + 1 }, new OuterStep(value, norm, rate, true));
        }

        var outlier = state.RunningNorm > 0 && norm > options.SkipAbove * state.RunningNorm;
        // An outlier moves the mean as far as the limit, so that a new level is not skipped for ever.
        var seen = outlier ? options.SkipAbove * state.RunningNorm : norm;
        var running = state.RunningNorm == 0 ? norm : NormDecay * state.RunningNorm + (1 - NormDecay) * seen;
        if (outlier)
            return (Skip(state) with { Skipped = state.Skipped + 1, RunningNorm = running, NonFiniteInARow = 0 }, new OuterStep(value, norm, rate, true));

        var factor = Math.Min(1, options.Clip / Math.Max(norm, 1e-12));
        var clipped = gradients.Select(g => g.Times(factor)).ToArray();
        var stepSizes = tensor(rates.Select(r => (float)(rate * r.Rate)).ToArray(), device: state.Parameters[0].device);
        var (next, optimizer) = OuterState.Adam(options).Update(state.Parameters, clipped, state.Optimizer, stepSizes);
        for (var i = 0; i < next.Length; i++)
            if (rates[i].Decay > 0) next[i] = next[i] - state.Parameters[i].Times(rate * rates[i].Rate * rates[i].Decay);
        Tensor[] leaves = [.. next.Select(OuterState.Leaf)];
        foreach (var moment in optimizer.First.Concat(optimizer.Second)) moment.DetachFromDisposeScope();
        return (new OuterState(state.Step + 1, leaves, optimizer, running, state.Skipped, state.NonFinite, 0), new OuterStep(value, norm, rate, false));
    }

    private static OuterState Skip(OuterState state)
    {
        Tensor[] Copies(IReadOnlyList<Tensor> tensors) => [.. tensors.Select(t => t.detach().clone().DetachFromDisposeScope())];
        return state with
        {
            Step = state.Step + 1,
            Parameters = [.. state.Parameters.Select(OuterState.Leaf)],
            Optimizer = new OptimizerState(state.Optimizer.Step, Copies(state.Optimizer.First), Copies(state.Optimizer.Second)),
        };
    }

    private static double Norm(IReadOnlyList<Tensor> gradients)
    {
        using var scope = NewDisposeScope();
        return Math.Sqrt(gradients.Sum(g => g.to(ScalarType.Float64).Squared().sum().item<double>()));
    }
}

/// <summary>What a step did.</summary>
/// <param name="Loss">The loss before it.</param>
/// <param name="Norm">The norm of its gradient before clipping.</param>
/// <param name="Rate">The scheduled rate.</param>
/// <param name="Skipped">Whether nothing was changed, for the loss was not finite or the gradient far out.</param>
public sealed record OuterStep(double Loss, double Norm, double Rate, bool Skipped);

/// <summary>A training left the finite numbers and did not come back.</summary>
/// <param name="step">The step.</param>
/// <param name="row">How many in a row.</param>
public sealed class TrainingDivergedException(int step, int row) : Exception(
    $"The loss has not been finite for {row} steps in a row, up to step {step}; use a smaller learning rate or step size.");
