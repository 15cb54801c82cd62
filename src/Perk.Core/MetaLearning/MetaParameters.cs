using Perk.Core.Lora;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>What the outer loop learns: where the inner loop starts and how far it steps.</summary>
public sealed class MetaParameters : IDisposable
{
    /// <summary>Takes ownership of all.</summary>
    /// <param name="initialAdapter">The adapter before the first step, P = 1.</param>
    /// <param name="stepSizes">A step size per inner step and adapter tensor, (steps, tensors).</param>
    /// <param name="weighting">The token-weighting head; null weighs every token 1.</param>
    /// <exception cref="ArgumentException">The step sizes have another shape.</exception>
    public MetaParameters(Adapter initialAdapter, Tensor stepSizes, TokenWeighting? weighting = null)
    {
        if (initialAdapter.Problems != 1) throw new ArgumentException("The initial adapter is one for all problems.", nameof(initialAdapter));
        if (stepSizes.dim() != 2 || stepSizes.shape[1] != initialAdapter.Tensors.Count)
            throw new ArgumentException($"Step sizes have shape ({string.Join(", ", stepSizes.shape)}), expected (steps, {initialAdapter.Tensors.Count}).", nameof(stepSizes));
        InitialAdapter = initialAdapter;
        StepSizes = stepSizes;
        Weighting = weighting;
    }

    /// <summary>The adapter before the first step.</summary>
    public Adapter InitialAdapter { get; }

    /// <summary>(steps, tensors).</summary>
    public Tensor StepSizes { get; }

    /// <summary>The token-weighting head, or null for weight 1.</summary>
    public TokenWeighting? Weighting { get; }

    /// <summary>Everything the outer loop learns: the adapter's tensors, the step sizes, the head's tensors.</summary>
    public IReadOnlyList<Tensor> Tensors => [.. InitialAdapter.Tensors, StepSizes, .. Weighting?.Tensors ?? []];

    /// <summary>
    /// Meta-parameters that nothing has trained: A uniform in ±1/√in (Kaiming uniform with a = √5, as PEFT starts), B = 0, one step
    /// size for all.
    /// </summary>
    /// <param name="model">The base model.</param>
    /// <param name="initialisation">Adapter shape, steps, step size and seed.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static MetaParameters Default(CausalLM model, MetaInitialisation initialisation)
    {
        var (lora, stepSize) = (initialisation.Lora, initialisation.StepSize);
        if (stepSize is not (> 0 and < 1e6)) throw new ArgumentException($"Step size {stepSize} is out of range; use a number above 0.");
        if (initialisation.Steps is < 1 or > 64) throw new ArgumentException($"{initialisation.Steps} inner steps are out of range; use 1 to 64.");
        var modules = lora.Select(model.LinearModules);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)initialisation.Seed, CPU);
        var tensors = new List<Tensor>();
        foreach (var module in modules)
        {
            var bound = 1 / Math.Sqrt(module.In);
            var a = rand(1, module.In, lora.Rank, dtype: ScalarType.Float32, generator: generator).Times(2 * bound).Plus(-bound);
            tensors.Add(a.to(model.Device).DetachFromDisposeScope());
            tensors.Add(zeros(1, lora.Rank, module.Out, dtype: ScalarType.Float32, device: model.Device).DetachFromDisposeScope());
        }

        var stepSizes = Arithmetic.Full(stepSize, ScalarType.Float32, model.Device, initialisation.Steps, tensors.Count).DetachFromDisposeScope();
        return new MetaParameters(new Adapter(lora, modules, tensors), stepSizes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        InitialAdapter.Dispose();
        StepSizes.Dispose();
        Weighting?.Dispose();
    }
}
