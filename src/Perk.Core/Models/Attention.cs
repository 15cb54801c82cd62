using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>The one door to attention.</summary>
internal static class Attention
{
    /// <summary>Scaled dot-product attention (Vaswani et al. 2017, arXiv 1706.03762, eq. 1) with grouped key/value heads.</summary>
    /// <param name="q">(B, H, T, D).</param>
    /// <param name="k">(B, Hkv, K, D), H a multiple of Hkv.</param>
    /// <param name="v">(B, Hkv, K, D).</param>
    /// <param name="mask">Boolean (B, 1, T, K), true where a query may look; null for causal attention with T = K.</param>
    /// <param name="twiceDifferentiable">
    /// Whether a gradient of a gradient goes through it: the fused kernel has no second derivative on CPU.
    /// </param>
    /// <returns>(B, H, T, D).</returns>
    public static Tensor Apply(Tensor q, Tensor k, Tensor v, Tensor? mask, bool twiceDifferentiable)
    {
        var groups = q.shape[1] / k.shape[1];
        (k, v) = (Spread(k, groups), Spread(v, groups));
        return twiceDifferentiable
            ? WrittenOut(q, k, v, mask)
            : nn.functional.scaled_dot_product_attention(q, k, v, mask, is_casual: mask is null);
    }

    private static Tensor WrittenOut(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        var scores = q.Over(Math.Sqrt(q.shape[^1])).matmul(k.transpose(-2, -1)); // (B, H, T, K)
        var hidden = mask is null ? ones(q.shape[2], k.shape[2], ScalarType.Bool, q.device).triu(1) : mask.logical_not();
        return scores.Filled(hidden, double.NegativeInfinity).softmax(-1).matmul(v);
    }

    /// <summary>(B, Hkv, K, D) → (B, Hkv·groups, K, D), each head repeated for the query heads that share it.</summary>
    private static Tensor Spread(Tensor x, long groups)
    {
        if (groups == 1) return x;
        var (b, h, t, d) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        return x.unsqueeze(2).expand(b, h, groups, t, d).reshape(b, h * groups, t, d);
    }
}
