using System.Text.Json;

namespace Perk.Faults.Fuzzing.Edits;

/// <summary>Where a value stands in JSON text.</summary>
/// <param name="Start">Its first byte; that of its name where it is a member.</param>
/// <param name="Value">The first byte of the value itself.</param>
/// <param name="End">The byte after it.</param>
/// <param name="Kind">What it begins with.</param>
internal sealed record JsonPart(int Start, int Value, int End, JsonTokenType Kind)
{
    /// <summary>Whether it has a name.</summary>
    public bool IsMember => Start != Value;

    /// <summary>Every member and element of a text; none where it is not JSON.</summary>
    public static IReadOnlyList<JsonPart> Of(ReadOnlySpan<byte> json)
    {
        var parts = new List<JsonPart>();
        var open = new Stack<(int Start, int Value, JsonTokenType Kind)>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        int? name = null;
        try
        {
            while (reader.Read())
            {
                var at = (int)reader.TokenStartIndex;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = at;
                        break;
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        open.Push((name ?? at, at, reader.TokenType));
                        name = null;
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        var (start, value, kind) = open.Pop();
                        if (open.Count > 0) parts.Add(new JsonPart(start, value, (int)reader.BytesConsumed, kind));
                        break;
                    default:
                        parts.Add(new JsonPart(name ?? at, at, (int)reader.BytesConsumed, reader.TokenType));
                        name = null;
                        break;
                }
            }

            return parts;
        }
        catch (JsonException)
        {
            return []; // Damaged already: bytes are all there is.
        }
    }
}
