using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>The floating-point type of the frozen base; adapters are always float32.</summary>
public enum ComputeType
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>bfloat16: half the memory and faster products where the processor has them, at about 0.02 % of the loss.</summary>
    BFloat16,
}

/// <summary>What torch calls them.</summary>
internal static class ComputeTypeExtensions
{
    public static ScalarType ToScalarType(this ComputeType type) => type switch
    {
        ComputeType.Float32 => ScalarType.Float32,
        ComputeType.BFloat16 => ScalarType.BFloat16,
        _ => throw new ArgumentException($"Compute type {type} is unknown; use Float32 or BFloat16."),
    };
}
