using System.Globalization;
using Perk.Core.Lora;

namespace Perk.Core.MetaLearning;

/// <summary>What the inner loop made.</summary>
/// <param name="Adapter">The adapter, owned by whoever holds this.</param>
/// <param name="Losses">The loss per token in nats before each step, over all problems.</param>
/// <param name="Tokens">Tokens with loss, over all problems.</param>
public sealed record InnerLoopResult(Adapter Adapter, IReadOnlyList<double> Losses, long Tokens);

/// <summary>A micro-batch is done.</summary>
/// <param name="Step">The running step, from 1.</param>
/// <param name="Steps">How many there are.</param>
/// <param name="Tokens">Tokens with loss in the micro-batch.</param>
/// <param name="Loss">The mean loss per token of this step so far, in nats.</param>
public sealed record InnerLoopProgress(int Step, int Steps, int Tokens, double Loss);

/// <summary>The inner loop left the finite numbers.</summary>
/// <param name="step">Steps taken.</param>
/// <param name="losses">The loss per token before each.</param>
public sealed class InnerLoopDivergedException(int step, IReadOnlyList<double> losses) : Exception(
    $"The inner loop diverged after {step} step(s) (loss per token before each: "
    + $"{string.Join(", ", losses.Take(step + 1).Select(l => l.ToString("0.###", CultureInfo.InvariantCulture)))}); use a smaller step size (--step-size) or fewer steps (--steps), for the host and for whoever submits.");
