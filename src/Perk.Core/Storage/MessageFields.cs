using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Perk.Core.Storage;

/// <summary>The fields of a JSON object, asked for by name; every fault is a <see cref="MessageFormatException"/>.</summary>
internal sealed class MessageFields
{
    /// <summary>Bytes of JSON that fit into a queue message of 64 KiB after base64.</summary>
    public const int LongestBody = 48 * 1024;

    private const int Version = 1;
    private readonly JsonElement _object;
    private readonly string _at;

    private MessageFields(JsonElement element, string at, string[] known)
    {
        (_object, _at) = (element, at);
        if (element.ValueKind != JsonValueKind.Object)
            throw MessageFormatException.For(at.TrimEnd('.'), "it must be a JSON object.");
        foreach (var property in element.EnumerateObject())
        {
            if (known.Contains(property.Name, StringComparer.Ordinal)) continue;
            throw MessageFormatException.For(
                at + Excerpt.Of(property.Name), $"there is no such field; the fields are {string.Join(", ", known)}.");
        }
    }

    /// <summary>Parses a body, checks its version and lets the caller read it.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> body, string[] known, Func<MessageFields, T> read)
    {
        CheckLength(body.Length);
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            CheckVersion(json.RootElement);
            return read(new MessageFields(json.RootElement, "", ["v", .. known]));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader reports text that is not Unicode by an InvalidOperationException.
            throw new MessageFormatException($"The message is not well-formed JSON: {e.Message}");
        }
    }

    /// <inheritdoc cref="Read{T}(ReadOnlyMemory{byte}, string[], Func{MessageFields, T})"/>
    public static T Read<T>(string body, string[] known, Func<MessageFields, T> read) =>
        Read(Encoding.UTF8.GetBytes(body), known, read);

    /// <summary>Writes a body with its version first.</summary>
    public static string Write(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", Version);
            fields(writer);
            writer.WriteEndObject();
        }

        CheckLength(buffer.WrittenCount);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>
    /// Writes free text without escapes that JSON does not ask for: the runtime's writer takes 12 bytes for an emoji of 4, and what was read must fit when it is
    /// written again.
    /// </summary>
    public static void WriteText(Utf8JsonWriter json, string name, string text)
    {
        var plain = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' or '\\' => plain.Append('\\').Append(c),
                '\n' => plain.Append("\\n"),
                '\r' => plain.Append("\\r"),
                '\t' => plain.Append("\\t"),
                < ' ' => plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => plain.Append(c),
            };
        }

        json.WritePropertyName(name);
        json.WriteRawValue(Encoding.UTF8.GetBytes(plain.Append('"').ToString()));
    }

    public bool Has(string name) => _object.TryGetProperty(name, out _);

    public string Text(string name) => Field(name, JsonValueKind.String, "text").GetString()!;

    public string? OptionalText(string name) => Has(name) ? Text(name) : null;

    public int Count(string name) => Field(name, JsonValueKind.Number, "a number").TryGetInt32(out var count)
        ? count
        : throw MessageFormatException.For(_at + name, "it must be a whole number of 32 bits.");

    public DateOnly Date(string name) =>
        DateOnly.TryParseExact(Text(name), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : throw MessageFormatException.For(_at + name, "it must be a day of the form 2026-01-31.");

    public DateTimeOffset? OptionalTime(string name) => !Has(name) ? null
        : Field(name, JsonValueKind.String, "text").TryGetDateTimeOffset(out var time) ? time
        : throw MessageFormatException.For(_at + name, "it must be a time of the form 2026-01-31T12:00:00Z.");

    public string[]? OptionalTexts(string name) => !Has(name) ? null
        : [.. Field(name, JsonValueKind.Array, "an array").EnumerateArray().Select((element, i) => element.ValueKind == JsonValueKind.String
            ? element.GetString()!
            : throw MessageFormatException.For($"{_at}{name}[{i}]", "it must be text."))];

    public T[] Array<T>(string name, string[] known, Func<MessageFields, T> read)
    {
        var elements = Field(name, JsonValueKind.Array, "an array").EnumerateArray();
        return [.. elements.Select((element, i) => read(new MessageFields(element, $"{_at}{name}[{i}].", known)))];
    }

    private JsonElement Field(string name, JsonValueKind kind, string what)
    {
        if (!_object.TryGetProperty(name, out var value))
            throw MessageFormatException.For(_at + name, $"it is missing; it must be {what}.");
        return value.ValueKind == kind ? value : throw MessageFormatException.For(_at + name, $"it must be {what}.");
    }

    private static void CheckVersion(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object) throw new MessageFormatException("The message must be a JSON object.");
        if (!message.TryGetProperty("v", out var v))
            throw MessageFormatException.For("v", $"it is missing; it must be {Version}.");
        if (v.ValueKind != JsonValueKind.Number || !v.TryGetInt32(out var version) || version != Version)
            throw MessageFormatException.For("v", $"{NameRules.Quote(v.GetRawText())} is unknown here; it must be {Version}.");
    }

    private static void CheckLength(int bytes)
    {
        if (bytes > LongestBody)
            throw new MessageFormatException($"The message has {bytes:N0} bytes; at most {LongestBody:N0} are allowed.");
    }
}
