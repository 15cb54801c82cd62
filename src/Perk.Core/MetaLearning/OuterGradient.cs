using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>A loss and its gradient.</summary>
/// <param name="Loss">The loss; not finite where it cannot be computed.</param>
/// <param name="Gradients">A tensor per parameter, of its shape, in the caller's dispose scope; none where the loss is not finite.</param>
public sealed record OuterGradient(double Loss, IReadOnlyList<Tensor> Gradients)
{
    /// <summary>Computes both.</summary>
    /// <param name="parameters">The parameters, each requiring a gradient.</param>
    /// <param name="loss">Their loss, a scalar; called once.</param>
    public static OuterGradient Of(IReadOnlyList<Tensor> parameters, Func<IReadOnlyList<Tensor>, Tensor> loss)
    {
        using var withGradient = enable_grad();
        using var scope = NewDisposeScope();
        try
        {
            var scalar = loss(parameters);
            var value = (double)scalar.item<float>();
            if (!double.IsFinite(value)) return new OuterGradient(value, []);
            return new OuterGradient(value, [.. Tensors.Gradients.Of(scalar, parameters).Select(g => g.MoveToOuterDisposeScope())]);
        }
        catch (InnerLoopDivergedException)
        {
            return new OuterGradient(double.NaN, []);
        }
    }

    /// <summary>The weighted mean of parts; the same in every run.</summary>
    /// <param name="parts">Each part's share of the whole, which sum to 1, and how to compute it.</param>
    /// <param name="parallel">Whether each part is computed on a thread of its own.</param>
    public static OuterGradient Mean(IReadOnlyList<(double Share, Func<OuterGradient> Compute)> parts, bool parallel)
    {
        if (parts.Count == 1) return parts[0].Compute();
        using var scope = NewDisposeScope();
        // Dispose scopes belong to a thread: what leaves it is kept by hand.
        OuterGradient[] computed = parallel
            ? Task.WhenAll(parts.Select(part => Task.Run(() => Kept(part.Compute())))).GetAwaiter().GetResult()
            : [.. parts.Select(part => Kept(part.Compute()))];
        var loss = computed.Zip(parts, (gradient, part) => part.Share * gradient.Loss).Sum();
        Tensor[] sums = [];
        if (computed.All(c => c.Gradients.Count > 0))
        {
            foreach (var (gradient, share) in computed.Zip(parts, (gradient, part) => (gradient.Gradients, part.Share)))
                sums = [.. gradient.Select((g, i) => sums.Length == 0 ? g.Times(share) : sums[i].Plus(g.Times(share)))];
        }

        foreach (var tensor in computed.SelectMany(c => c.Gradients)) tensor.Dispose();
        return new OuterGradient(sums.Length == 0 ? double.NaN : loss, [.. sums.Select(s => s.MoveToOuterDisposeScope())]);
    }

    private static OuterGradient Kept(OuterGradient gradient)
    {
        foreach (var tensor in gradient.Gradients) tensor.DetachFromDisposeScope();
        return gradient;
    }
}
