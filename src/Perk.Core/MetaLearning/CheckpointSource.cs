using System.Text.Json.Nodes;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>Where a checkpoint comes from: a base model's folder and meta-parameters that nothing has trained yet.</summary>
public sealed record CheckpointSource
{
    /// <summary>The base model, a Hugging Face folder.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>How the meta-parameters are made.</summary>
    public MetaInitialisation Meta { get; init; } = new();

    /// <summary>The base model's name: its folder's.</summary>
    public string ModelName => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(ModelFolder)));

    /// <summary>
    /// The checkpoint id, 64 hexadecimal digits: sha256 over canonical JSON of the hashes of model and tokenizer files and of the
    /// meta-parameters. Reads the files, loads nothing.
    /// </summary>
    /// <exception cref="ModelFileException">A file is missing.</exception>
    public string Id()
    {
        static string Hash(string file) => File.Exists(file) ? Ids.Sha256OfFile(file)
            : throw new ModelFileException(file, "there is no such file; a folder in Hugging Face's layout is expected.");
        static JsonObject Hashes(IEnumerable<string> files) =>
            new(files.Select(f => KeyValuePair.Create(Path.GetFileName(f), (JsonNode?)Hash(f))).OrderBy(f => f.Key, StringComparer.Ordinal));

        if (!Directory.Exists(ModelFolder))
            throw new ModelFileException(ModelFolder, "is not a folder; expected a Hugging Face model folder.");
        return Ids.Sha256(new JsonObject
        {
            ["model"] = Hashes(ModelFolderFiles()),
            ["tokenizer"] = Hashes(TextTokenizer.FilesIn(ModelFolder)),
            ["meta"] = Meta.ToJson(),
        }.ToJsonString(Json.Compact));
    }

    /// <summary>Loads the base model, its tokenizer and the meta-parameters.</summary>
    /// <exception cref="ModelFileException">A file is missing or damaged, or the architecture is not supported.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Checkpoint Load(Device device, ComputeType type = ComputeType.Float32)
    {
        var id = Id();
        var tokenizer = TextTokenizer.Load(ModelFolder);
        var model = Models.ModelFolder.Load(ModelFolder, device, type.ToScalarType());
        try
        {
            if (tokenizer.VocabularySize > model.VocabularySize)
                throw new ModelFileException(ModelFolder, $"the tokenizer has {tokenizer.VocabularySize} tokens, the model only {model.VocabularySize}.");
            return new Checkpoint(id, ModelName, model, tokenizer, MetaParameters.Default(model, Meta), Meta, type);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private IReadOnlyList<string> ModelFolderFiles() => Models.ModelFolder.Files(ModelFolder);
}

/// <summary>A base model with its tokenizer and the meta-parameters that go with it, loaded.</summary>
/// <param name="Id">The checkpoint id.</param>
/// <param name="ModelName">The base model's name.</param>
/// <param name="Model">The frozen base model.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
/// <param name="Meta">Where the inner loop starts and how far it steps.</param>
/// <param name="Initialisation">How the meta-parameters were made.</param>
/// <param name="ComputeType">The type the base model computes in.</param>
public sealed record Checkpoint(
    string Id, string ModelName, CausalLM Model, TextTokenizer Tokenizer, MetaParameters Meta, MetaInitialisation Initialisation,
    ComputeType ComputeType) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Meta.Dispose();
        Model.Dispose();
    }
}
