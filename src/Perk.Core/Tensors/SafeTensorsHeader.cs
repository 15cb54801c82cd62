using System.Text;
using System.Text.Json;

namespace Perk.Core.Tensors;

/// <summary>The JSON header of a safetensors file, read with the checks of the format's own reader.</summary>
/// <param name="Entries">The tensors by name.</param>
/// <param name="Metadata">The file's <c>__metadata__</c>, empty where it has none.</param>
internal sealed record SafeTensorsHeader(
    IReadOnlyDictionary<string, SafeTensorEntry> Entries,
    IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The key beside the tensors' names that holds the metadata.</summary>
    internal const string MetadataKey = "__metadata__";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Parses and checks a header.</summary>
    /// <param name="file">The name that error messages begin with.</param>
    /// <param name="json">The header's bytes, padding included.</param>
    /// <param name="dataLength">The number of bytes after the header, which the tensors must fill exactly.</param>
    /// <exception cref="ModelFileException">The header is malformed, or does not describe this data.</exception>
    internal static SafeTensorsHeader Parse(string file, byte[] json, long dataLength)
    {
        try
        {
            using var document = JsonDocument.Parse(StrictUtf8.GetString(json));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new ModelFileException(file, "the header is not a JSON object.");
            var header = Read(file, document.RootElement);
            CheckRanges(file, header.Entries.Values, dataLength);
            return header;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            // InvalidOperationException: a name holds half of a surrogate pair.
            throw new ModelFileException(file, $"the header is not JSON: {e.Message}", e);
        }
    }

    private static SafeTensorsHeader Read(string file, JsonElement root)
    {
        var entries = new Dictionary<string, SafeTensorEntry>(StringComparer.Ordinal);
        Dictionary<string, string>? metadata = null;
        foreach (var property in root.EnumerateObject())
        {
            if (property.Name != MetadataKey)
            {
                if (!entries.TryAdd(property.Name, SafeTensorsEntryReader.Read(file, property.Name, property.Value)))
                    throw new ModelFileException(file, $"the header names the tensor '{property.Name}' twice.");
                continue;
            }

            if (metadata is not null) throw new ModelFileException(file, $"the header has {MetadataKey} twice.");
            metadata = ReadMetadata(file, property.Value);
        }

        return new(entries, metadata ?? []);
    }

    private static Dictionary<string, string> ReadMetadata(string file, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new ModelFileException(file, $"{MetadataKey} is not a JSON object.");
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
                throw new ModelFileException(file, $"{MetadataKey} holds '{property.Name}', whose value is not a string.");
            if (!metadata.TryAdd(property.Name, property.Value.GetString()!))
                throw new ModelFileException(file, $"{MetadataKey} holds '{property.Name}' twice.");
        }

        return metadata;
    }

    /// <summary>The tensors must cover the data without overlap, hole or rest.</summary>
    private static void CheckRanges(string file, IEnumerable<SafeTensorEntry> entries, long dataLength)
    {
        long end = 0;
        foreach (var entry in entries.OrderBy(e => e.Begin).ThenBy(e => e.End))
        {
            if (entry.Begin < end)
                throw Error($"tensor '{entry.Name}' begins at byte {entry.Begin} of the data, inside the one before (to {end}).");
            if (entry.Begin > end)
                throw Error($"no tensor covers bytes {end} to {entry.Begin} of the data, before '{entry.Name}'.");
            if (entry.End > dataLength)
                throw Error($"tensor '{entry.Name}' ends at byte {entry.End} of the data, but {dataLength} are there: truncated?");
            end = entry.End;
        }

        if (end < dataLength) throw Error($"{dataLength - end} bytes follow the last tensor.");

        ModelFileException Error(string problem) => new(file, problem);
    }
}
