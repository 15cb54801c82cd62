using System.Globalization;
using System.Text.Json;

namespace Perk.Core.Tasks.MultiDocument;

/// <summary>An object in a file of rows, read strictly: errors name file, row and field.</summary>
/// <param name="File">The file.</param>
/// <param name="Where">What the row is called in errors, such as <c>line 3</c>; empty for the whole file.</param>
/// <param name="Value">The value, of any kind.</param>
internal sealed record JsonRow(string File, string Where, JsonElement Value)
{
    /// <summary>Whether the row has a field that is not null.</summary>
    internal bool Has(string field) =>
        Value.ValueKind == JsonValueKind.Object
        && Value.TryGetProperty(field, out var value)
        && value.ValueKind != JsonValueKind.Null;

    /// <summary>A field of any kind.</summary>
    internal JsonRow Field(string field, string expected)
    {
        if (Value.ValueKind != JsonValueKind.Object) throw Wrong($"is {Kind}; expected an object");
        return Has(field)
            ? new JsonRow(File, Where.Length == 0 ? field : $"{Where}, {field}", Value.GetProperty(field))
            : throw Wrong($"{field} is missing; expected {expected}");
    }

    /// <summary>A field that is text, not blank.</summary>
    internal string Text(string field) => Field(field, "text").AsText();

    /// <summary>A field that is text or is missing.</summary>
    internal string? OptionalText(string field) => Has(field) ? Field(field, "text").AsText(mayBeBlank: true) : null;

    /// <summary>A field that is true or false, false where it is missing.</summary>
    internal bool Flag(string field)
    {
        if (!Has(field)) return false;
        var value = Field(field, "true or false");
        return value.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.Value.GetBoolean()
            : throw value.Wrong($"is {value.Kind}; expected true or false");
    }

    /// <summary>The entries of a field that is a list.</summary>
    internal IReadOnlyList<JsonRow> List(string field, string of) => Field(field, $"a list of {of}").AsList(of);

    /// <summary>This value's entries, where it is a list.</summary>
    internal IReadOnlyList<JsonRow> AsList(string of) => Value.ValueKind == JsonValueKind.Array
        ? [.. Value.EnumerateArray().Select((value, i) => new JsonRow(File, FormattableString.Invariant($"{Where}[{i}]"), value))]
        : throw Wrong($"is {Kind}; expected a list of {of}");

    /// <summary>This value, where it is text.</summary>
    internal string AsText(bool mayBeBlank = false)
    {
        if (Value.ValueKind != JsonValueKind.String) throw Wrong($"is {Kind}; expected text");
        try
        {
            var text = Value.GetString()!;
            return mayBeBlank || !string.IsNullOrWhiteSpace(text) ? text : throw Wrong("is blank; expected text");
        }
        catch (InvalidOperationException e)
        {
            throw Wrong("holds half a surrogate pair; expected Unicode text", e);
        }
    }

    /// <summary>This value, where it is a whole number.</summary>
    internal int AsNumber() => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var number)
        ? number
        : throw Wrong($"is {(Value.ValueKind == JsonValueKind.Number ? Value.GetRawText() : Kind)}; expected a whole number");

    /// <summary>An error about this value.</summary>
    internal TaskDataException Wrong(string problem, Exception? inner = null) =>
        new(File, (Where.Length == 0 ? "" : Where + ": ") + problem + ".", inner);

    private string Kind => Value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => Value.ValueKind.ToString().ToLower(CultureInfo.InvariantCulture),
    };
}
