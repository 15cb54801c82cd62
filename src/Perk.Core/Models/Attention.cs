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
    /// <returns>(B, H, T, D).</returns>
    public static Tensor Apply(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        var groups = q.shape[1] / k.shape[1];
        return nn.functional.scaled_dot_product_attention(q, Spread(k, groups), Spread(v, groups), mask, is_casual: mask is null);
    }

    /// <summary>(B, Hkv, K, D) → (B, Hkv·groups, K, D), each head repeated for the query heads that share it.</summary>
    private static Tensor Spread(Tensor x, long groups)
    {
        if (groups == 1) return x;
        var (b, h, t, d) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        return x.unsqueeze(2).expand(b, h, groups, t, d).reshape(b, h * groups, t, d);
    }
}
