using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Lora;

/// <summary>A frozen linear projection with a low-rank update beside it.</summary>
internal static class AdaptedLinear
{
    /// <summary>y = x·Wᵀ + b + scaling · (x·A)·B, where each problem's rows meet that problem's A and B only.</summary>
    /// <param name="x">(P·S, T, in): the rows of problem p are p·S … p·S + S − 1.</param>
    /// <param name="weight">(out, in), frozen.</param>
    /// <param name="bias">(out) or null, frozen.</param>
    /// <param name="lora">The update, or null.</param>
    /// <returns>(P·S, T, out), of the type of x. The update is computed in the adapter's type: float32 beside a bfloat16 base.</returns>
    public static Tensor Apply(Tensor x, Tensor weight, Tensor? bias, LoraPair? lora)
    {
        var y = nn.functional.linear(x, weight, bias); // (P·S, T, out)
        if (lora is not { } pair) return y;

        var problems = pair.A.shape[0];
        var rows = x.to(pair.A.dtype).reshape(problems, -1, x.shape[^1]); // (P, S·T, in)
        var update = rows.bmm(pair.A).bmm(pair.B.Times(pair.Scaling)); // (P, S·T, out)
        return y.Plus(update.view_as(y)).to(x.dtype);
    }
}
