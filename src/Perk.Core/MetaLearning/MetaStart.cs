using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>Meta-parameters that a training starts from.</summary>
public static class MetaStart
{
    /// <summary>Untrained ones.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="initialisation">Adapter shape, steps, step size and seed.</param>
    /// <param name="tokenWeight">The weight that the token-weighting head gives every token; null for no head.</param>
    public static MetaParameters New(CausalLM model, MetaInitialisation initialisation, double? tokenWeight)
    {
        using var plain = MetaParameters.Default(model, initialisation);
        var head = tokenWeight is { } weight ? TokenWeighting.Constant(model.HiddenSize, weight, initialisation.Seed, ScalarType.Float32, model.Device) : null;
        using var noGradient = no_grad();
        return new MetaParameters(plain.InitialAdapter.Copy(), plain.StepSizes.clone().DetachFromDisposeScope(), head);
    }

    /// <summary>
    /// Trained ones with further inner steps appended: corrections of what the steps before have written, which start small.
    /// </summary>
    /// <param name="trained">The trained ones; stay the caller's.</param>
    /// <param name="steps">Inner steps, not fewer than there are.</param>
    /// <param name="share">The size of each new step as a share of the last trained one's, tensor by tensor.</param>
    /// <exception cref="ArgumentException">There are more steps already.</exception>
    public static MetaParameters Appended(MetaParameters trained, int steps, double share)
    {
        var had = (int)trained.StepSizes.shape[0];
        if (steps < had) throw new ArgumentException($"The checkpoint to start from has {had} inner steps; inner.steps is {steps}: use {had} or more.");
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var sizes = Enumerable.Range(0, steps).Select(i => i < had ? trained.StepSizes[i] : trained.StepSizes[had - 1].Times(share));
        var head = trained.Weighting is { } weighting ? new TokenWeighting([.. weighting.Tensors.Select(t => t.detach().clone().DetachFromDisposeScope())]) : null;
        return new MetaParameters(trained.InitialAdapter.Copy(), stack([.. sizes]).clone().DetachFromDisposeScope(), head);
    }
}
