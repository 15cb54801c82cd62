using System.Text.Json;
using System.Text.Json.Serialization;
using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Core.MetaLearning;

/// <summary>What a pushed checkpoint consists of. It is written last: the checkpoint is there if and only if its manifest is.</summary>
public sealed record ModelManifest
{
    /// <summary>The form this code writes.</summary>
    public const int CurrentSchema = 1;

    private const long LargestFile = 1L << 40;

    /// <summary>The form of this manifest.</summary>
    public required int Schema { get; init; }

    /// <summary>The checkpoint id, 64 hexadecimal digits.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The base model's name: that of its folder.</summary>
    public required string BaseModel { get; init; }

    /// <summary>The files of the base model's folder: configuration, weights, tokenizer, and what says whose they are.</summary>
    public required IReadOnlyList<StoredFile> Base { get; init; }

    /// <summary>The files of the folder of trained meta-parameters; none for untrained ones.</summary>
    public required IReadOnlyList<StoredFile> Trained { get; init; }

    /// <summary>The settings of a trained checkpoint, as its <c>checkpoint.json</c> has them; null for untrained meta-parameters.</summary>
    public required CheckpointSettings? Settings { get; init; }

    /// <summary>How untrained meta-parameters are made; null for trained ones.</summary>
    public required MetaInitialisation? Meta { get; init; }

    /// <summary>When it was pushed.</summary>
    public required DateTimeOffset Pushed { get; init; }

    /// <summary>Versions of what pushed it.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>All files of both folders.</summary>
    [JsonIgnore]
    public IEnumerable<StoredFile> Files => Base.Concat(Trained);

    /// <summary>The bytes of all files together.</summary>
    [JsonIgnore]
    public long Bytes => Files.Sum(f => f.Length);

    /// <summary>What has to be known to submit documents and questions.</summary>
    [JsonIgnore]
    public ModelIdentity Identity => new(Checkpoint, BaseModel, Settings?.Lora ?? Meta!.Lora, Settings, Settings?.Inner.Steps ?? Meta!.Steps);

    /// <summary>The manifest as a file.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json.Indented);

    /// <summary>Reads a manifest. Its names are safe to use as those of folders and files.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">Its name, for errors.</param>
    /// <exception cref="ModelFileException">It is not one, or of a newer form; the message says what is wrong.</exception>
    public static ModelManifest Parse(byte[] bytes, string name)
    {
        try
        {
            // The form comes first: of another one nothing else is known.
            var form = JsonSerializer.Deserialize<Form>(bytes, Json.Indented);
            if (form is { Schema: > CurrentSchema })
                throw new NewerManifestException(name, $"has schema {form.Schema}; this version reads {CurrentSchema}. Use the version that wrote it.");
            var manifest = form is { Schema: CurrentSchema } ? JsonSerializer.Deserialize<ModelManifest>(bytes, Json.Strict) : null;
            return manifest?.Validated() ?? throw new ModelFileException(name, $"is not a checkpoint's manifest of schema {CurrentSchema}.");
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // An option out of range is refused by its own type, as an ArgumentException.
            throw new ModelFileException(name, $"is not a checkpoint's manifest: {e.Message}", e);
        }
    }

    private ModelManifest Validated()
    {
        if ((NameRules.CheckpointIdFault(Checkpoint) ?? NameRules.ModelNameFault(BaseModel)) is { } fault) throw new ArgumentException(fault);
        if (Base.Count == 0) throw new ArgumentException("base lists no file; a base model has some.");
        RequireGood(Base, "base");
        RequireGood(Trained, "trained");
        if ((Settings is null, Meta is null) != (Trained.Count == 0, Trained.Count > 0))
            throw new ArgumentException("settings belong to trained files and meta to a checkpoint without them; one of the two is expected.");
        Settings?.Validated();
        Meta?.Lora.Validated();
        return this;
    }

    private static void RequireGood(IReadOnlyList<StoredFile> files, string field)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase); // Not every file system tells cases apart.
        foreach (var file in files)
        {
            if (file is null) throw new ArgumentException($"{field} lists a file that is null.");
            if ((NameRules.ModelNameFault(file.Name) ?? NameRules.Sha256Fault(file.Sha256)) is { } fault) throw new ArgumentException($"{field}: {fault}");
            if (file.Length is < 0 or > LargestFile) throw new ArgumentException($"{field}: {file.Name} has no length from 0 to {LargestFile}.");
            if (!names.Add(file.Name)) throw new ArgumentException($"{field} lists {file.Name} twice.");
        }
    }

    private sealed record Form(int Schema);
}

/// <summary>A manifest of a form that a later version writes: not damaged, and not to be replaced.</summary>
/// <param name="name">The manifest.</param>
/// <param name="problem">What is wrong.</param>
public sealed class NewerManifestException(string name, string problem) : ModelFileException(name, problem);
