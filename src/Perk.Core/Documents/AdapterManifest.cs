using System.Text.Json;
using System.Text.Json.Serialization;
using Perk.Core.MetaLearning;

namespace Perk.Core.Documents;

/// <summary>What is known of a stored adapter. It is written last: an adapter exists if and only if its manifest does.</summary>
public sealed record AdapterManifest
{
    /// <summary>The form this code writes.</summary>
    public const int CurrentSchema = 1;

    private const long LargestFile = 1L << 40;

    /// <summary>The form of this manifest.</summary>
    public required int Schema { get; init; }

    /// <summary>The adapter id.</summary>
    public required string Adapter { get; init; }

    /// <summary>The collection it belongs to.</summary>
    public required string Collection { get; init; }

    /// <summary>The document id.</summary>
    public required string Document { get; init; }

    /// <summary>The text encoding the document was read in.</summary>
    public required string TextEncoding { get; init; }

    /// <summary>The checkpoint id.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The base model's name.</summary>
    public required string BaseModel { get; init; }

    /// <summary>How the checkpoint's meta-parameters were made, where nothing has trained them; null for a trained checkpoint.</summary>
    public required MetaInitialisation? Meta { get; init; }

    /// <summary>How the document was cut and written.</summary>
    public required EncodingOptions Options { get; init; }

    /// <summary>Every payload's file name, sha256 and length.</summary>
    public required IReadOnlyList<StoredFile> Files { get; init; }

    /// <summary>How many segments the document was written as.</summary>
    public required int Segments { get; init; }

    /// <summary>Tokens with loss.</summary>
    public required long Tokens { get; init; }

    /// <summary>The loss per token in nats before each inner step.</summary>
    public required IReadOnlyList<double> Losses { get; init; }

    /// <summary>How long the encoding took, in seconds.</summary>
    public required double EncodeSeconds { get; init; }

    /// <summary>What the last digits of the weights depend on besides the options.</summary>
    public ComputedWith? Compute { get; init; }

    /// <summary>When it was finished.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Versions of what computed it.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>The bytes of all payloads together.</summary>
    [JsonIgnore]
    public long Bytes => Files.Sum(f => f.Length);

    /// <summary>The manifest as a file.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json.Indented);

    /// <summary>Reads a manifest.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">Its name, for errors.</param>
    /// <exception cref="ModelFileException">It is not one, or of a newer form.</exception>
    public static AdapterManifest Parse(byte[] bytes, string name)
    {
        try
        {
            // The form comes first: of another one nothing else is known.
            var (form, manifest) = (JsonSerializer.Deserialize<Form>(bytes, Json.Indented), (AdapterManifest?)null);
            if (form is { Schema: > CurrentSchema })
            {
                throw new ModelFileException(
                    name, $"has schema {form.Schema}; this version reads {CurrentSchema}. Use the version that wrote it.");
            }

            if (form is { Schema: CurrentSchema }) manifest = JsonSerializer.Deserialize<AdapterManifest>(bytes, Json.Strict);
            if (manifest?.Files.Any(f => f is { Length: < 0 or > LargestFile }) == true) throw new ArgumentException($"a file has no length from 0 to {LargestFile}.");
            manifest?.Options.Inner.Validated();
            manifest?.Meta?.Lora.Validated();
            return manifest?.Files.All(f => f is not null) == true
                ? manifest
                : throw new ModelFileException(name, $"is not a manifest of schema {CurrentSchema}.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // An option out of range is refused by its own type, as an ArgumentException.
            throw new ModelFileException(name, $"is not a manifest: {e.Message}", e);
        }
    }

    private sealed record Form(int Schema);
}

/// <summary>How an adapter was computed; with the same device, type, threads and micro-batch the bytes are the same.</summary>
/// <param name="Device">The device.</param>
/// <param name="Threads">The threads of an operation, on the CPU.</param>
/// <param name="SegmentsPerMicroBatch">Segments at once: fewer than the options say where memory ran out.</param>
public sealed record ComputedWith(string Device, int Threads, int SegmentsPerMicroBatch);

/// <summary>A payload of an adapter.</summary>
/// <param name="Name">Its file name beside the manifest.</param>
/// <param name="Sha256">64 hexadecimal digits.</param>
/// <param name="Length">Bytes.</param>
public sealed record StoredFile(string Name, string Sha256, long Length);

/// <summary>Where a segment stands in its document's text.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Offset">UTF-16 code units before it.</param>
/// <param name="Length">UTF-16 code units in it.</param>
/// <param name="Tokens">Its length in tokens.</param>
public sealed record SegmentPosition(int Index, int Offset, int Length, int Tokens);
