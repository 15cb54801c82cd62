using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>Where a model's weights come from: a folder, or chance.</summary>
internal abstract class WeightSource : IDisposable
{
    /// <summary>Whether there is a tensor of this name.</summary>
    public abstract bool Has(string name);

    /// <summary>A weight, in the caller's dispose scope.</summary>
    /// <exception cref="ModelFileException">It is missing, has another shape or a type that is not floating point.</exception>
    public abstract Tensor Take(string name, params long[] shape);

    /// <summary>Refuses weights that the model has no place for: ignoring them would compute another model.</summary>
    /// <param name="harmless">Whether a tensor that was not taken may be there all the same.</param>
    public abstract void RequireAllTaken(Func<string, bool> harmless);

    /// <inheritdoc/>
    public abstract void Dispose();
}
