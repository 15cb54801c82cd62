using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>The weights of a model that nothing has trained: norms 1, biases 0, the rest normal.</summary>
/// <param name="seed">Decides them.</param>
/// <param name="type">Their type.</param>
/// <param name="device">Where they go.</param>
/// <param name="residualLayers">
/// Null for deviation 0.02 everywhere. Where given, the deviation is 1/√(inputs), since 0.02 is far too little for small widths, and projections
/// that write into the residual stream are divided by √(2·this), as GPT-2's are (Radford et al. 2019, section 2.3): each layer writes twice.
/// </param>
internal sealed class InitialWeights(long seed, ScalarType type, Device device, int? residualLayers = null) : WeightSource
{
    private const double Deviation = 0.02;
    private static readonly string[] Residual = ["o_proj.weight", "down_proj.weight"];

    private readonly Generator _generator = new((ulong)seed, CPU);

    /// <inheritdoc/>
    public override bool Has(string name) => true;

    /// <inheritdoc/>
    public override Tensor Take(string name, params long[] shape)
    {
        using var scope = NewDisposeScope();
        var writesResidual = Residual.Any(end => name.EndsWith(end, StringComparison.Ordinal));
        var deviation = residualLayers is { } layers ? 1 / Math.Sqrt(shape[^1] * (writesResidual ? 2.0 * layers : 1)) : Deviation;
        var values = name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(shape)
            : shape.Length == 1 ? ones(shape)
            : randn(shape, generator: _generator).Times(deviation);
        return values.to(type).to(device).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void RequireAllTaken(Func<string, bool> harmless)
    {
    }

    /// <inheritdoc/>
    public override void Dispose() => _generator.Dispose();
}
