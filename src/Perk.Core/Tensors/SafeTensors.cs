using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using static TorchSharp.torch;

namespace Perk.Core.Tensors;

/// <summary>Writes safetensors files. The same tensors and metadata give the same bytes, in whatever order they come.</summary>
/// <remarks>Read them with <see cref="SafeTensorsFile"/>.</remarks>
public static class SafeTensors
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file: whole or not at all, for it gets its name when it is complete.</summary>
    /// <inheritdoc cref="Write(Stream, IEnumerable{ValueTuple{string, Tensor}}, IReadOnlyDictionary{string, string}?)"/>
    public static void Write(
        string path, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var half = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            using (var stream = new FileStream(half, FileMode.CreateNew, FileAccess.Write))
            {
                Write(stream, tensors, metadata);
                stream.Flush(flushToDisk: true);
            }

            File.Move(half, path, overwrite: true);
        }
        finally
        {
            File.Delete(half);
        }
    }

    /// <summary>Writes to a stream, from its present position on.</summary>
    /// <param name="stream">Need not be seekable; left open.</param>
    /// <param name="tensors">Float32, Float16 or BFloat16 of any device, shape and layout; they stay the caller's.</param>
    /// <param name="metadata">The file's <c>__metadata__</c>; none where null or empty.</param>
    /// <exception cref="ArgumentException">Two tensors share a name, a name is reserved, or a type is another.</exception>
    public static void Write(
        Stream stream, IEnumerable<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = Order(tensors);
        var header = Header(ordered, metadata);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (var (_, tensor, _) in ordered) TensorBytes.Write(stream, tensor);
    }

    /// <summary>The order of the format's own writer: wide types first, then by the bytes of the names.</summary>
    private static List<(string Name, Tensor Tensor, string DType)> Order(IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var list = new List<(string Name, Tensor Tensor, string DType)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, tensor) in tensors)
        {
            if (name == SafeTensorsHeader.MetadataKey)
                throw new ArgumentException($"A tensor cannot be named {name}.", nameof(tensors));
            if (!names.Add(name)) throw new ArgumentException($"Two tensors are named '{name}'.", nameof(tensors));
            var dtype = SafeTensorsDType.FromTorch(tensor.dtype)
                ?? throw new ArgumentException(
                    $"Tensor '{name}' is of type {tensor.dtype}; Float32, Float16 and BFloat16 can be written.", nameof(tensors));
            list.Add((name, tensor, dtype));
        }

        list.Sort((a, b) =>
        {
            var byType = SafeTensorsDType.WriteOrder(a.DType).CompareTo(SafeTensorsDType.WriteOrder(b.DType));
            if (byType != 0) return byType;
            return Encoding.UTF8.GetBytes(a.Name).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b.Name));
        });
        return list;
    }

    /// <summary>The JSON header, padded with spaces so that the data begin at a multiple of 8 bytes.</summary>
    private static byte[] Header(
        List<(string Name, Tensor Tensor, string DType)> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Compact))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafeTensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }

            long end = 0;
            foreach (var (name, tensor, dtype) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", dtype);
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", end, end += tensor.NumberOfElements * SafeTensorsDType.Sizes[dtype]);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (bytes.Length % 8 != 0) bytes.WriteByte((byte)' ');
        return bytes.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string key, params ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(key);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
