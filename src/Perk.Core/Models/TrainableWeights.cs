using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>Weights that require a gradient, so that the model built on them can be trained: it sees changes in place.</summary>
/// <param name="from">Where they come from; disposed with this.</param>
internal sealed class TrainableWeights(WeightSource from) : WeightSource
{
    private readonly List<(string Name, Tensor Tensor)> _taken = [];

    /// <summary>What the model took, in its order. The model owns the tensors.</summary>
    public IReadOnlyList<(string Name, Tensor Tensor)> Taken => _taken;

    /// <inheritdoc/>
    public override bool Has(string name) => from.Has(name);

    /// <inheritdoc/>
    public override Tensor Take(string name, params long[] shape)
    {
        var tensor = from.Take(name, shape);
        tensor.requires_grad = true;
        _taken.Add((name, tensor));
        return tensor;
    }

    /// <inheritdoc/>
    public override void RequireAllTaken(Func<string, bool> harmless) => from.RequireAllTaken(harmless);

    /// <inheritdoc/>
    public override void Dispose() => from.Dispose();
}
