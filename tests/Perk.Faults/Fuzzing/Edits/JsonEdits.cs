using System.Text.Json;

namespace Perk.Faults.Fuzzing.Edits;

/// <summary>Damages of JSON: members removed, doubled, renamed, retyped.</summary>
internal static class JsonEdits
{
    /// <summary>Damages JSON in one way; what is none any more, as bytes.</summary>
    /// <param name="json">What is damaged; stays as it is.</param>
    /// <param name="other">Where values may be taken from.</param>
    /// <param name="random">Decides how.</param>
    public static byte[] Apply(byte[] json, byte[] other, Random random)
    {
        var parts = JsonPart.Of(json);
        if (parts.Count == 0) return ByteEdits.Apply(json, other, random);
        var part = parts[random.Next(parts.Count)];
        var (before, after) = (json[..part.Start], json[part.End..]);
        var (name, value) = (json[part.Start..part.Value], json[part.Value..part.End]);
        return random.Next(10) switch
        {
            0 => Without(json, part),
            1 => [.. before, .. name, .. value, (byte)',', .. name, .. value, .. after],
            2 => [.. before, .. name, .. value, (byte)',', .. name, .. OddJson.Instead(value, part.Kind, random), .. after],
            3 when part.IsMember => [.. before, .. Renamed(name, random), .. value, .. after],
            4 => [.. before, .. name, .. Taken(other, random), .. after],
            5 => [.. before, .. name, .. Taken(json, random), .. after],
            _ => [.. before, .. name, .. OddJson.Instead(value, part.Kind, random), .. after],
        };
    }

    private static byte[] Without(byte[] json, JsonPart part)
    {
        var end = part.End;
        while (end < json.Length && IsSpace(json[end])) end++;
        if (end < json.Length && json[end] == ',') return [.. json[..part.Start], .. json[(end + 1)..]];
        var start = part.Start;
        while (start > 0 && IsSpace(json[start - 1])) start--;
        if (start > 0 && json[start - 1] == ',') start--;
        return [.. json[..start], .. json[part.End..]];
    }

    private static byte[] Renamed(byte[] name, Random random)
    {
        var quoted = name.AsSpan(0, name.AsSpan().LastIndexOf((byte)'"') + 1);
        return [.. OddJson.Instead(quoted, JsonTokenType.String, random), (byte)':'];
    }

    private static byte[] Taken(byte[] other, Random random)
    {
        var parts = JsonPart.Of(other);
        if (parts.Count == 0) return "null"u8.ToArray();
        var part = parts[random.Next(parts.Count)];
        return other[part.Value..part.End];
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';
}
