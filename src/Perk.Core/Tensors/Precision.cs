using static TorchSharp.torch;

namespace Perk.Core.Tensors;

/// <summary>Where half precision is too little.</summary>
internal static class Precision
{
    /// <summary>The tensor itself, or in float32 where it is of a half-precision type.</summary>
    public static Tensor AtLeastFloat32(this Tensor x) =>
        x.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? x.to(ScalarType.Float32) : x;
}
