using System.Text.Json;

namespace Perk.Core.Tasks;

/// <summary>One JSON object of a data file, with where it stands for the sake of errors.</summary>
/// <param name="file">The file's path.</param>
/// <param name="where">Such as <c>line 3</c>.</param>
/// <param name="element">The object.</param>
internal sealed class JsonRow(string file, string where, JsonElement element)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a file of one object a line, of an array of objects, or of a single object.</summary>
    /// <exception cref="TaskDataException">It is none of them, or empty.</exception>
    internal static IReadOnlyList<JsonRow> ReadAll(string path)
    {
        var text = TaskFile.ReadText(path);
        var lines = text.Split('\n');
        var first = Array.FindIndex(lines, line => !string.IsNullOrWhiteSpace(line));
        if (first < 0) throw new TaskDataException(path, "is empty; one JSON object a line is expected.");
        if (HasLines(path, lines[first]))
        {
            return
            [
                .. lines.Index().Where(line => !string.IsNullOrWhiteSpace(line.Item))
                    .Select(line => Line(path, line.Item, line.Index)),
            ];
        }

        var root = Parse(path, text, e => e.LineNumber is { } line ? $"line {line + 1}" : "the file");
        if (root.ValueKind == JsonValueKind.Object) return [new(path, "the object", root)];
        if (root.ValueKind != JsonValueKind.Array || root.GetArrayLength() == 0)
            throw new TaskDataException(path, "holds neither JSON objects, one a line, nor an array of them.");
        return [.. root.EnumerateArray().Select((row, i) => Object(path, $"row {i + 1}", row))];
    }

    /// <summary>An error about this row.</summary>
    internal TaskDataException Error(string reason) => new(file, $"{where}: {reason}");

    /// <summary>An error about a field.</summary>
    internal TaskDataException Error(string field, string reason) => Error($"field '{field}' {reason}");

    /// <summary>A field, or null where it is absent or null.</summary>
    internal JsonElement? Optional(string field) =>
        element.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A field.</summary>
    /// <exception cref="TaskDataException">There is none.</exception>
    internal JsonElement Required(string field) => Optional(field) ?? throw Error(field, "is missing.");

    /// <summary>A field that is a text with more than white space.</summary>
    internal string Text(string field) => Text(field, Required(field), "a text");

    /// <summary>A field that is a text or an array of at least one text.</summary>
    internal IReadOnlyList<string> TextOrTexts(string field) => Required(field) switch
    {
        { ValueKind: JsonValueKind.String } value => [Text(field, value, "a text")],
        var value => Texts(field, value, "a text or an array of texts"),
    };

    /// <summary>A field that is an array of texts; empty where it is absent.</summary>
    internal IReadOnlyList<string> OptionalTexts(string field) => Optional(field) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } value when value.GetArrayLength() == 0 => [],
        { } value => Texts(field, value, "an array of texts"),
    };

    /// <summary>The objects of a field that is an array of them.</summary>
    /// <param name="field">The field.</param>
    /// <param name="skip">Elements to leave out.</param>
    internal IReadOnlyList<JsonRow> Rows(string field, Func<JsonElement, bool>? skip = null)
    {
        var value = Required(field);
        if (value.ValueKind != JsonValueKind.Array) throw Error(field, "must be an array of objects.");
        return
        [
            .. value.EnumerateArray().Index().Where(item => skip is null || !skip(item.Item))
                .Select(item => Object(file, $"{where}, {field}[{item.Index}]", item.Item)),
        ];
    }

    private static bool HasLines(string path, string first)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        if (name.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase)) return true;
        try
        {
            using var json = JsonDocument.Parse(first);
            return json.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static JsonRow Line(string path, string line, int index) =>
        Object(path, $"line {index + 1}", Parse(path, line.TrimStart('\uFEFF'), _ => $"line {index + 1}"));

    private static JsonRow Object(string path, string where, JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? new(path, where, value)
        : throw new TaskDataException(path, $"{where}: a JSON object is expected.");

    private static JsonElement Parse(string path, string text, Func<JsonException, string> where)
    {
        try
        {
            using var json = JsonDocument.Parse(text, Strict);
            return json.RootElement.Clone();
        }
        catch (JsonException e)
        {
            var message = e.Message.Split(" LineNumber:")[0]; // The parser counts from 0, and from this line.
            throw new TaskDataException(path, $"{where(e)}: is not valid JSON: {message}", e);
        }
    }

    private List<string> Texts(string field, JsonElement value, string expected)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0) throw Error(field, $"must be {expected}.");
        return [.. value.EnumerateArray().Select((item, i) => Text($"{field}[{i}]", item, "a text"))];
    }

    private string Text(string field, JsonElement value, string expected)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && !string.IsNullOrWhiteSpace(text)
                ? text
                : throw Error(field, $"must be {expected} with more than white space.");
        }
        catch (InvalidOperationException)
        {
            throw Error(field, "holds half a surrogate pair; Unicode text is expected.");
        }
    }
}
