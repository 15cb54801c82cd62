using TorchSharp;

namespace Perk.Core.Tensors;

/// <summary>The element types of the safetensors format.</summary>
internal static class SafeTensorsDType
{
    /// <summary>Bytes an element, by name. A file may list any of these; only three are loaded.</summary>
    internal static readonly IReadOnlyDictionary<string, int> Sizes = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["BOOL"] = 1, ["U8"] = 1, ["I8"] = 1, ["F8_E4M3"] = 1, ["F8_E5M2"] = 1, ["F8_E8M0"] = 1,
        ["I16"] = 2, ["U16"] = 2, ["F16"] = 2, ["BF16"] = 2,
        ["I32"] = 4, ["U32"] = 4, ["F32"] = 4,
        ["F64"] = 8, ["I64"] = 8, ["U64"] = 8, ["C64"] = 8,
    };

    /// <summary>Torch's type for a name, or null where this project does not load it.</summary>
    internal static torch.ScalarType? ToTorch(string name) => name switch
    {
        "F32" => torch.ScalarType.Float32,
        "F16" => torch.ScalarType.Float16,
        "BF16" => torch.ScalarType.BFloat16,
        _ => null,
    };

    /// <summary>The name of a torch type, or null where this project does not write it.</summary>
    internal static string? FromTorch(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float32 => "F32",
        torch.ScalarType.Float16 => "F16",
        torch.ScalarType.BFloat16 => "BF16",
        _ => null,
    };

    /// <summary>Where the format's own writer puts a type: the widest first, of equally wide ones BF16.</summary>
    internal static int WriteOrder(string name) => name switch { "F32" => 0, "BF16" => 1, _ => 2 };
}
