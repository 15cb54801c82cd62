using System.Text.Json;

namespace Perk.Core.Tensors;

/// <summary>Reads one tensor's entry of a safetensors header.</summary>
internal static class SafeTensorsEntryReader
{
    /// <summary>Reads <c>{"dtype": …, "shape": […], "data_offsets": [begin, end]}</c>; other keys are passed over.</summary>
    /// <exception cref="ModelFileException">A key is missing or double, or type, shape and offsets do not fit.</exception>
    internal static SafeTensorEntry Read(string file, string name, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Error("the entry is not a JSON object");

        var dtype = Property("dtype");
        if (dtype.ValueKind != JsonValueKind.String) throw Error("dtype is not a string");
        if (!SafeTensorsDType.Sizes.TryGetValue(dtype.GetString()!, out var size))
            throw Error($"dtype '{dtype.GetString()}' is unknown");

        var shape = Numbers("shape");
        if (Numbers("data_offsets") is not [var begin, var end]) throw Error("data_offsets does not hold two numbers");
        if (begin > end) throw Error($"data_offsets [{begin}, {end}] end before they begin");

        var bytes = (UInt128)size;
        foreach (var extent in shape)
        {
            bytes *= (ulong)extent;
            if (bytes > long.MaxValue) throw Error($"shape {SafeTensorEntry.Describe(shape)} is larger than any file");
        }

        if (bytes != (ulong)(end - begin))
        {
            throw Error($"shape {SafeTensorEntry.Describe(shape)} of {dtype.GetString()} takes {bytes} bytes, "
                + $"but data_offsets give {end - begin}");
        }

        return new(name, dtype.GetString()!, shape, begin, end);

        JsonElement Property(string key)
        {
            JsonElement? found = null;
            foreach (var property in element.EnumerateObject().Where(p => p.NameEquals(key)))
            {
                if (found is not null) throw Error($"{key} is given twice");
                found = property.Value;
            }

            return found ?? throw Error($"{key} is missing");
        }

        long[] Numbers(string key)
        {
            var array = Property(key);
            if (array.ValueKind != JsonValueKind.Array) throw Error($"{key} is not an array");
            return [.. array.EnumerateArray().Select(n => Number(key, n))];
        }

        long Number(string key, JsonElement n) =>
            n.ValueKind == JsonValueKind.Number && n.TryGetInt64(out var number) && number >= 0
                ? number
                : throw Error($"{key} holds {Excerpt.Of(n)}, which is not a whole number from 0 to {long.MaxValue}");

        ModelFileException Error(string problem) => new(file, $"tensor '{name}': {problem}.");
    }
}
