using System.Text.Json;
using System.Text.Unicode;

namespace Perk.Core.Models;

/// <summary>Typed access to the fields of a JSON configuration file; every error names the file and the field.</summary>
internal sealed class ConfigFields
{
    private readonly string _path;
    private readonly Dictionary<string, JsonElement> _fields;

    private ConfigFields(string path, Dictionary<string, JsonElement> fields) => (_path, _fields) = (path, fields);

    public static ConfigFields Read(string path)
    {
        try
        {
            return Parse(path, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(path, $"cannot be read: {e.Message}");
        }
    }

    public static ConfigFields Parse(string name, ReadOnlySpan<byte> json)
    {
        try
        {
            RequireUnicode(json);
            var fields = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json);
            return new ConfigFields(name, fields ?? throw new ModelFileException(name, "holds null; expected a JSON object."));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelFileException(name, $"is not a JSON object: {e.Message}");
        }
    }

    /// <summary>Reads every text once: a JsonElement tells only when it is asked for one that it is none.</summary>
    private static void RequireUnicode(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json)) throw new JsonException("it is not UTF-8.");
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped) reader.GetString();
    }

    public string Text(string field) =>
        Find(field) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Wrong(field, "a text");

    /// <summary>A text, or null where the field is absent or something else.</summary>
    public string? TextOrNull(string field) =>
        Find(field) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>A text or an object's <c>content</c>, as tokenizers write tokens; null where it is absent.</summary>
    public string? TextOrContent(string field) =>
        Find(field) is { ValueKind: JsonValueKind.Object } ? Inner(field)!.Text("content") : Find(field) is null ? null : Text(field);

    /// <summary>A whole number from 0 or the first of a list of them; null where it is absent.</summary>
    public int? FirstNumber(string field)
    {
        if (Find(field) is not { } value) return null;
        var first = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 ? value[0] : value;
        if (first.ValueKind == JsonValueKind.Number && first.TryGetInt32(out var n) && n >= 0) return n;
        throw Wrong(field, "a whole number from 0");
    }

    public int Count(string field, int? absent = null)
    {
        if (Find(field) is not { } value) return absent ?? throw Wrong(field, "a whole number from 1");
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var n) && n > 0 ? n : throw Wrong(field, "a whole number from 1");
    }

    public double Positive(string field, double absent)
    {
        if (Find(field) is not { } value) return absent;
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var x) && x is > 0 and < 1e30 ? x : throw Wrong(field, "a positive number");
    }

    public bool Flag(string field, bool absent) => Find(field) is not { } value ? absent : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(field, "true or false"),
    };

    /// <summary>Refuses the file where the field is there and the test holds.</summary>
    public void Refuse(string field, Func<JsonElement, bool> test, string reason)
    {
        if (_fields.TryGetValue(field, out var value) && test(value))
            throw new ModelFileException(_path, $"{field} is {Excerpt.Of(value)}: {reason}.");
    }

    /// <summary>A list of texts, not empty.</summary>
    public IReadOnlyList<string> TextList(string field) =>
        Find(field) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 && list.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String)
            ? [.. list.EnumerateArray().Select(v => v.GetString()!)]
            : throw Wrong(field, "a list of texts");

    /// <summary>All fields, each of which must be a text.</summary>
    public Dictionary<string, string> Texts() => _fields.Keys.ToDictionary(field => field, Text, StringComparer.Ordinal);

    /// <summary>All fields, each of which must be a whole number from 0.</summary>
    public Dictionary<string, int> Numbers() => _fields.Keys.ToDictionary(
        field => field, field => FirstNumber(field) ?? throw Wrong(field, "a whole number from 0"), StringComparer.Ordinal);

    /// <summary>All fields, each of which must be an object.</summary>
    public Dictionary<string, ConfigFields> Objects() =>
        _fields.Keys.ToDictionary(field => field, field => Inner(field) ?? throw Wrong(field, "an object"), StringComparer.Ordinal);

    /// <summary>The elements of a list; none where it is absent.</summary>
    public IReadOnlyList<JsonElement> List(string field) => Find(field) is not { } value ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()]
        : throw Wrong(field, "a list");

    /// <summary>A list of objects; empty where it is absent.</summary>
    public IReadOnlyList<ConfigFields> ObjectList(string field) => [.. List(field).Select(value =>
        value.ValueKind == JsonValueKind.Object
        ? new ConfigFields(_path, value.Deserialize<Dictionary<string, JsonElement>>()!)
        : throw Wrong(field, "a list of objects"))];

    /// <summary>The fields of an object inside this one, or null where it is absent.</summary>
    public ConfigFields? Inner(string field) => Find(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Object ? new ConfigFields(_path, value.Deserialize<Dictionary<string, JsonElement>>()!)
        : throw Wrong(field, "an object");

    private JsonElement? Find(string field) =>
        _fields.TryGetValue(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private ModelFileException Wrong(string field, string expected) => new(_path,
        _fields.TryGetValue(field, out var value) ? $"{field} is {Excerpt.Of(value)}; expected {expected}." : $"{field} is missing; expected {expected}.");
}
