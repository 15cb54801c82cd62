using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Perk.Faults.Fuzzing.Edits;

/// <summary>Damages of safetensors files: of the header's length, of what it says, and whole files that say something else.</summary>
internal static class SafeTensorsEdits
{
    private const int Prefix = 8;
    private static readonly ulong[] Lengths = [0, 1, 2, 7, 8, 9, 100_000_000, 100_000_001, int.MaxValue, uint.MaxValue, 1UL << 32, long.MaxValue, 1UL << 63, ulong.MaxValue];
    private static readonly string[] Types = ["F32", "F16", "BF16", "F64", "I32", "U32", "I64", "I8", "U8", "BOOL", "F8_E4M3", "C64", "f32", "", "F33"];

    /// <summary>Damages a file in one way.</summary>
    /// <param name="file">What is damaged; stays as it is.</param>
    /// <param name="other">Where pieces may be taken from.</param>
    /// <param name="random">Decides how.</param>
    public static byte[] Apply(byte[] file, byte[] other, Random random)
    {
        if (Split(file) is not var (header, data)) return ByteEdits.Apply(file, other, random);
        return random.Next(10) switch
        {
            0 => [.. Length(Lengths[random.Next(Lengths.Length)]), .. header, .. data],
            1 => [.. Length((ulong)(header.Length + random.Next(-9, 10))), .. header, .. data],
            2 or 3 => Join(JsonEdits.Apply(header, other.Length > Prefix ? other[Prefix..] : other, random), data),
            4 => Join(header, ByteEdits.Apply(data, other, random)),
            _ => Restated(header, data, random) ?? Join(ByteEdits.Apply(header, data, random), data),
        };
    }

    private static (byte[] Header, byte[] Data)? Split(byte[] file)
    {
        if (file.Length < Prefix) return null;
        var length = BinaryPrimitives.ReadUInt64LittleEndian(file);
        return length <= (ulong)(file.Length - Prefix) ? (file[Prefix..(Prefix + (int)length)], file[(Prefix + (int)length)..]) : null;
    }

    /// <summary>Another header of the right length, which names a tensor, type, shape or range otherwise; null where an earlier damage leaves nothing to restate.</summary>
    private static byte[]? Restated(byte[] header, byte[] data, Random random)
    {
        try
        {
            return JsonNode.Parse(header) is JsonObject { Count: > 0 } root ? Restated(root, data, random) : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null; // The last two: a name is there twice, or is not Unicode.
        }
    }

    private static byte[] Restated(JsonObject root, byte[] data, Random random)
    {
        var (name, node) = root.ElementAt(random.Next(root.Count));
        if (node is not JsonObject entry || entry["shape"] is not JsonArray shape || entry["data_offsets"] is not JsonArray { Count: 2 } range) throw new ArgumentException("It is no entry.", nameof(root));
        switch (random.Next(9))
        {
            case 0:
                entry["dtype"] = Types[random.Next(Types.Length)];
                break;
            case 1: // as many bytes in another type
                entry["dtype"] = random.Next(2) == 0 ? "I32" : "U32";
                break;
            case 2:
                entry["dtype"] = random.Next(2) == 0 ? "F16" : "BF16";
                if (shape.Count > 0) shape[^1] = Number(shape[^1]) * 2;
                break;
            case 3:
                entry["shape"] = new JsonArray([.. shape.Reverse().Select(n => n?.DeepClone())]);
                break;
            case 4:
                entry["shape"] = new JsonArray(shape.Aggregate(1L, (product, n) => product * Number(n)));
                break;
            case 5:
                shape.Insert(random.Next(shape.Count + 1), random.Next(3) switch { 0 => 0, 1 => 1, _ => long.MaxValue });
                break;
            case 6: // nothing in it
                entry["shape"] = new JsonArray(0, long.MaxValue);
                entry["data_offsets"] = new JsonArray(Number(range[0]), Number(range[0]));
                break;
            case 7:
                root.Remove(name);
                root[OddText.Next(random)] = entry;
                break;
            default: // one tensor less, and its bytes with it, where it is the last
                root.Remove(name);
                if (Number(range[1]) == data.Length) data = data[..(int)Math.Clamp(Number(range[0]), 0, data.Length)];
                break;
        }

        return Join(Encoding.UTF8.GetBytes(root.ToJsonString()), data);
    }

    private static long Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<long>(out var number) ? number : 1;

    private static byte[] Join(byte[] header, byte[] data) => [.. Length((ulong)header.Length), .. header, .. data];

    private static byte[] Length(ulong length)
    {
        var bytes = new byte[Prefix];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        return bytes;
    }
}
