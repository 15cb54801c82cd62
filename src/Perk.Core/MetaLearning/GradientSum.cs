using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>
/// A sum over tokens of weighted gradients, with what it takes to normalise it. Sums add: micro-batches, workers and a resumed
/// job are all the same addition.
/// </summary>
/// <param name="Gradients">Σ w·∂CE for each adapter tensor, of its shape.</param>
/// <param name="Loss">Σ CE of each problem in nats, without the weights, for reports, (P).</param>
/// <param name="Tokens">Tokens with loss of each problem, (P).</param>
public sealed record GradientSum(IReadOnlyList<Tensor> Gradients, IReadOnlyList<double> Loss, IReadOnlyList<long> Tokens) : IDisposable
{
    /// <summary>The sum of both, as new tensors.</summary>
    public GradientSum Plus(GradientSum other) => new(
        [.. Gradients.Zip(other.Gradients, Arithmetic.Plus)],
        [.. Loss.Zip(other.Loss, (a, b) => a + b)],
        [.. Tokens.Zip(other.Tokens, (a, b) => a + b)]);

    /// <summary>The gradient of the normalised loss.</summary>
    /// <returns>One new tensor per adapter tensor, of its shape.</returns>
    internal Tensor[] Normalised(InnerLoopOptions options)
    {
        using var scope = NewDisposeScope();
        var like = Gradients[0];
        double[] divisors = options.Normalisation == LossNormalisation.SumOverConstant
            ? [options.NormalisationConstant]
            : [.. Tokens.Select(t => (double)Math.Max(1, t))];
        var divisor = tensor(divisors, dtype: like.dtype, device: like.device).view(-1, 1, 1); // (P, 1, 1) or (1, 1, 1)
        return [.. Gradients.Select(g => (g / divisor).MoveToOuterDisposeScope())];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Gradients) tensor.Dispose();
    }
}
