namespace Perk.Core.Tensors;

/// <summary>What a safetensors header says of one tensor.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">The element type as the file spells it: F32, F16, BF16, I64, …</param>
/// <param name="Shape">The extents, row-major; empty for a scalar.</param>
/// <param name="Begin">The first byte, counted from the beginning of the data.</param>
/// <param name="End">The byte after the last, counted likewise.</param>
public sealed record SafeTensorEntry(string Name, string DType, long[] Shape, long Begin, long End)
{
    /// <summary>The shape as error messages print it: <c>[512, 64]</c>.</summary>
    internal static string Describe(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
