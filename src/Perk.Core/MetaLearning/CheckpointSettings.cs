using System.Text.Json;
using System.Text.Json.Nodes;
using Perk.Core.Documents;
using Perk.Core.Lora;

namespace Perk.Core.MetaLearning;

/// <summary>What stands in a checkpoint's <c>checkpoint.json</c>: what its meta-parameters are for and how they are to be used.</summary>
public sealed record CheckpointSettings
{
    /// <summary>The form this code writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The name of the file.</summary>
    public const string FileName = "checkpoint.json";

    /// <summary>The form.</summary>
    public required int Schema { get; init; }

    /// <summary>The base model's name.</summary>
    public required string BaseModel { get; init; }

    /// <summary>sha256 of the base model's and its tokenizer's files, by name: another base is refused.</summary>
    public required IReadOnlyDictionary<string, string> BaseFiles { get; init; }

    /// <summary>The adapter's shape.</summary>
    public required LoraOptions Lora { get; init; }

    /// <summary>How a context is written.</summary>
    public required InnerLoopOptions Inner { get; init; }

    /// <summary>The longest segment, in tokens of the model.</summary>
    public required int SegmentTokens { get; init; }

    /// <summary>What a segment never goes beyond.</summary>
    public SegmentUnit SegmentUnit { get; init; }

    /// <summary>The longest answer, in tokens of the model, unless somebody asks for another.</summary>
    public int MaxNewTokens { get; init; } = QuestionAnswerer.StandardNewTokens;

    /// <summary>How it was trained, as the trainer says it.</summary>
    public JsonObject? Training { get; init; }

    /// <summary>The file's bytes.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json.Indented);

    /// <summary>Reads the settings of a checkpoint folder.</summary>
    /// <exception cref="ModelFileException">The file is missing, damaged, of a newer form, or an option is out of range.</exception>
    public static CheckpointSettings Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var bytes = File.ReadAllBytes(path);
            if (JsonSerializer.Deserialize<Form>(bytes, Json.Indented) is { Schema: > CurrentSchema and var newer })
                throw new ModelFileException(path, $"has schema {newer}; this version reads {CurrentSchema}. Use the version that wrote it.");
            var settings = JsonSerializer.Deserialize<CheckpointSettings>(bytes, Json.Strict)
                ?? throw new ModelFileException(path, $"is not a checkpoint of schema {CurrentSchema}.");
            return settings.Validated();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(path, $"cannot be read: {e.Message} A checkpoint folder holds {FileName}.", e);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new ModelFileException(path, $"is not a checkpoint: {e.Message}", e);
        }
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message says which.</exception>
    internal CheckpointSettings Validated()
    {
        Lora.Validated();
        Inner.Validated();
        _ = new SegmenterOptions { MaxTokens = SegmentTokens };
        return MaxNewTokens >= 1 ? this : throw new ArgumentException($"maxNewTokens is {MaxNewTokens}; 1 or more is expected.");
    }

    private sealed record Form(int Schema);
}
