using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>The weights of a model that nothing has trained: norms 1, biases 0, the rest normal with deviation 0.02 (GPT-2's start).</summary>
internal sealed class InitialWeights(long seed, ScalarType type, Device device) : WeightSource
{
    private readonly Generator _generator = new((ulong)seed, CPU);

    /// <inheritdoc/>
    public override bool Has(string name) => true;

    /// <inheritdoc/>
    public override Tensor Take(string name, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var values = name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(shape)
            : shape.Length == 1 ? ones(shape)
            : randn(shape, generator: _generator).Times(0.02);
        return values.to(type).to(device).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void RequireAllTaken(Func<string, bool> harmless)
    {
    }

    /// <inheritdoc/>
    public override void Dispose() => _generator.Dispose();
}
