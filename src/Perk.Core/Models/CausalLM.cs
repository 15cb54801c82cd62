using Perk.Core.Lora;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>A frozen causal language model that an adapter can be passed into.</summary>
public abstract class CausalLM : IDisposable
{
    /// <summary>The device its weights are on.</summary>
    public abstract Device Device { get; }

    /// <summary>V: how many token ids there are.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>D: the width of a hidden state.</summary>
    public abstract int HiddenSize { get; }

    /// <summary>The longest sequence, in tokens.</summary>
    public abstract int MaxPositions { get; }

    /// <summary>Number of layers.</summary>
    public abstract int Layers { get; }

    /// <summary>The floating-point type of its weights, of hidden states and of logits; adapters may have another.</summary>
    public abstract ScalarType WeightType { get; }

    /// <summary>The linear projections of its layers, which an adapter may change.</summary>
    public abstract IReadOnlyList<LinearModule> LinearModules { get; }

    /// <summary>Reads tokens.</summary>
    /// <param name="ids">Integer (B, T). With an adapter of P problems B is P·S and rows p·S … p·S + S − 1 meet problem p.</param>
    /// <param name="adapter">The fast weights, or null for the base model.</param>
    /// <param name="cache">What was read before, which grows by T; null for a sequence that starts here, padded on the right if at all.</param>
    /// <param name="twiceDifferentiable">Whether a gradient of a gradient will be taken of what follows; slower.</param>
    /// <returns>The last hidden states after the final norm, (B, T, D).</returns>
    /// <exception cref="ArgumentException">The sequence is longer than <see cref="MaxPositions"/>.</exception>
    public abstract Tensor Hidden(Tensor ids, Adapter? adapter, KeyValueCache? cache = null, bool twiceDifferentiable = false);

    /// <summary>Scores of the next token.</summary>
    /// <param name="hidden">(…, D).</param>
    /// <returns>(…, V).</returns>
    public abstract Tensor Logits(Tensor hidden);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the weights.</summary>
    protected abstract void Dispose(bool disposing);
}
