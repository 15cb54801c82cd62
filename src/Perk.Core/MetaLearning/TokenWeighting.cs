using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>
/// The token-weighting head (arXiv 2507.06415, section 3.2): w = softplus(W2·GELU(W1·h + b1) + b2) with β = 3, where h is the last
/// hidden state of the adapted model at the target token. The outer loop learns it, the inner loop uses it.
/// </summary>
public sealed class TokenWeighting : IDisposable
{
    /// <summary>Width of its hidden layer.</summary>
    public const int Width = 128;

    private const double Beta = 3;

    /// <summary>Takes ownership of the tensors.</summary>
    /// <param name="tensors">W1 (128, D), b1 (128), W2 (1, 128), b2 (1).</param>
    /// <exception cref="ArgumentException">One has another shape.</exception>
    public TokenWeighting(IReadOnlyList<Tensor> tensors)
    {
        var width = tensors.Count == 4 ? tensors[0].shape[^1] : 0;
        long[][] expected = [[Width, width], [Width], [1, Width], [1]];
        if (tensors.Count != 4 || !tensors.Zip(expected).All(t => t.First.shape.SequenceEqual(t.Second)))
            throw new ArgumentException($"A token-weighting head has tensors ({Width}, D), ({Width}), (1, {Width}) and (1).", nameof(tensors));
        Tensors = tensors;
    }

    /// <summary>W1 (128, D), b1 (128), W2 (1, 128), b2 (1).</summary>
    public IReadOnlyList<Tensor> Tensors { get; }

    /// <summary>A head that gives every token the same weight: W1 uniform in ±1/√D, W2 = 0.</summary>
    /// <param name="hiddenSize">D.</param>
    /// <param name="weight">The weight, above 0: ln 2 / 3 is the paper's start (b2 = 0), 1 leaves the loss as it is.</param>
    /// <param name="seed">Decides W1.</param>
    /// <param name="type">The tensors' type.</param>
    /// <param name="device">The tensors' device.</param>
    public static TokenWeighting Constant(int hiddenSize, double weight, long seed, ScalarType type, Device device)
    {
        if (weight is not (> 0 and < 100)) throw new ArgumentException($"Initial token weight {weight} is out of range; use a number above 0.");
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        var bound = 1 / Math.Sqrt(hiddenSize);
        var inverse = Math.Log(Math.Exp(Beta * weight) - 1) / Beta; // softplus(inverse) = weight
        Tensor[] tensors =
        [
            rand(Width, hiddenSize, dtype: ScalarType.Float32, generator: generator).Times(2 * bound).Plus(-bound),
            zeros(Width),
            zeros(1, Width),
            Arithmetic.Full(inverse, ScalarType.Float64, CPU, 1),
        ];
        return new TokenWeighting([.. tensors.Select(t => t.to(type).to(device).DetachFromDisposeScope())]);
    }

    /// <summary>The weights of target tokens.</summary>
    /// <param name="hidden">The adapted model's last hidden states at the targets, (N, D).</param>
    /// <returns>(N).</returns>
    internal Tensor Weights(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var inner = nn.functional.gelu(nn.functional.linear(hidden, Tensors[0], Tensors[1])); // (N, 128)
        var outer = nn.functional.linear(inner, Tensors[2], Tensors[3]).squeeze(-1); // (N)
        return outer.Softplus(Beta).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }
}
