using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>
/// The rotary position embedding (Su et al. 2021, arXiv 2104.09864, eq. 34) in Hugging Face's half-split layout:
/// pair i is (x_i, x_{i+D/2}), turned by position · theta^(−2i/D). Nothing is kept by position: a model's window may be a million tokens.
/// </summary>
internal sealed class RotaryEmbedding : IDisposable
{
    private readonly Tensor _frequency; // (D/2), float64
    private readonly ScalarType _type;

    public RotaryEmbedding(int headSize, double theta, ScalarType type, Device device)
    {
        using var scope = NewDisposeScope();
        _frequency = tensor(Enumerable.Range(0, headSize / 2).Select(i => Math.Pow(theta, -2.0 * i / headSize)).ToArray()).to(device).DetachFromDisposeScope();
        _type = type;
    }

    /// <summary>The rotation for given positions.</summary>
    /// <param name="positions">Integer (B, T), or (T) for all rows alike.</param>
    /// <returns>cos and sin, each (B, 1, T, D) or (T, D).</returns>
    public (Tensor Cos, Tensor Sin) At(Tensor positions)
    {
        var angle = outer(positions.reshape(-1).to(ScalarType.Float64), _frequency); // (B·T, D/2)
        angle = cat([angle, angle], 1);
        var (cos, sin) = (angle.cos().to(_type), angle.sin().to(_type));
        if (positions.dim() == 1) return (cos, sin);
        long[] shape = [positions.shape[0], 1, positions.shape[1], cos.shape[1]];
        return (cos.view(shape), sin.view(shape));
    }

    /// <summary>Turns queries or keys.</summary>
    /// <param name="x">(B, H, T, D).</param>
    /// <param name="at">The rotation of <see cref="At"/>.</param>
    public static Tensor Turn(Tensor x, (Tensor Cos, Tensor Sin) at)
    {
        var halves = x.chunk(2, -1);
        return (x * at.Cos).Plus(cat([-halves[1], halves[0]], -1) * at.Sin);
    }

    public void Dispose() => _frequency.Dispose();
}
