using System.Text.Json.Nodes;
using Perk.Core.Documents;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>Where a checkpoint comes from: a base model's folder, and a folder of trained meta-parameters or none.</summary>
public sealed record CheckpointSource
{
    /// <summary>The base model, a Hugging Face folder.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>The folder of trained meta-parameters (<see cref="CheckpointFolder"/>); null for untrained ones.</summary>
    public string? Folder { get; init; }

    /// <summary>How untrained meta-parameters are made; says nothing where there is a <see cref="Folder"/>.</summary>
    public MetaInitialisation Meta { get; init; } = new();

    /// <summary>The base model's name: its folder's.</summary>
    public string ModelName => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(ModelFolder)));

    /// <summary>The settings of the trained checkpoint; null for untrained meta-parameters.</summary>
    /// <exception cref="ModelFileException">They are missing or damaged.</exception>
    public CheckpointSettings? Settings() => Folder is null ? null : CheckpointSettings.Read(Folder);

    /// <summary>
    /// The checkpoint id, 64 hexadecimal digits: sha256 over canonical JSON of the hashes of model and tokenizer files and of the
    /// meta-parameters' files, or of how they are made. Reads the files, loads nothing.
    /// </summary>
    /// <exception cref="ModelFileException">A file is missing.</exception>
    public string Id() => Id(Hash);

    /// <summary>The same, by hashes that may be known already.</summary>
    /// <param name="hash">The sha256 of a file, by its path.</param>
    internal string Id(Func<string, string> hash)
    {
        if (!Directory.Exists(ModelFolder))
            throw new ModelFileException(ModelFolder, "is not a folder; expected a Hugging Face model folder.");
        return Ids.Sha256(new JsonObject
        {
            ["model"] = Hashes(Models.ModelFolder.Files(ModelFolder), hash),
            ["tokenizer"] = Hashes(TextTokenizer.FilesIn(ModelFolder), hash),
            ["meta"] = Folder is null ? Meta.ToJson() : new JsonObject { ["kind"] = "trained", ["files"] = Hashes(CheckpointFolder.Files(Folder), hash) },
        }.ToJsonString(Json.Compact));
    }

    /// <summary>sha256 of the base model's and its tokenizer's files, by name.</summary>
    /// <exception cref="ModelFileException">A file is missing.</exception>
    public IReadOnlyDictionary<string, string> BaseFiles() => BaseFiles(Hash);

    /// <summary>Loads the base model, its tokenizer and the meta-parameters.</summary>
    /// <exception cref="ModelFileException">
    /// A file is missing or damaged, the architecture is not supported, or the checkpoint was trained on another base.
    /// </exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public Checkpoint Load(Device device, ComputeType type = ComputeType.Float32)
    {
        var (id, settings) = (Id(), Settings());
        if (settings is not null) RequireBase(settings, Hash);
        var tokenizer = TextTokenizer.Load(ModelFolder);
        var model = Models.ModelFolder.Load(ModelFolder, device, type.ToScalarType());
        try
        {
            if (tokenizer.VocabularySize > model.VocabularySize)
                throw new ModelFileException(ModelFolder, $"the tokenizer has {tokenizer.VocabularySize} tokens, the model only {model.VocabularySize}.");
            var meta = settings is null ? MetaParameters.Default(model, Meta) : CheckpointFolder.Read(Folder!, settings, model);
            return new Checkpoint(id, ModelName, model, tokenizer, meta, settings is null ? Meta : null, type)
            {
                MaxNewTokens = settings?.MaxNewTokens ?? QuestionAnswerer.StandardNewTokens,
            };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The paths of the base model's and its tokenizer's files, each once.</summary>
    internal IEnumerable<string> BasePaths() =>
        Models.ModelFolder.Files(ModelFolder).Concat(TextTokenizer.FilesIn(ModelFolder)).Distinct(StringComparer.Ordinal);

    private static JsonObject Hashes(IEnumerable<string> files, Func<string, string> hash) =>
        new(files.Select(f => KeyValuePair.Create(Path.GetFileName(f), (JsonNode?)hash(f))).OrderBy(f => f.Key, StringComparer.Ordinal));

    private Dictionary<string, string> BaseFiles(Func<string, string> hash) => BasePaths().ToDictionary(f => Path.GetFileName(f), hash, StringComparer.Ordinal);

    private static string Hash(string file) => File.Exists(file) ? Ids.Sha256OfFile(file)
        : throw new ModelFileException(file, "there is no such file; a folder in Hugging Face's layout, or a checkpoint's, is expected.");

    /// <summary>Refuses a base model that the checkpoint was not trained on.</summary>
    /// <param name="settings">The checkpoint's settings.</param>
    /// <param name="hash">The sha256 of a file, by its path.</param>
    /// <exception cref="ModelFileException">It is another one.</exception>
    internal void RequireBase(CheckpointSettings settings, Func<string, string> hash)
    {
        var here = BaseFiles(hash);
        foreach (var (file, expected) in settings.BaseFiles)
        {
            if (here.TryGetValue(file, out var own) && own == expected) continue;
            throw new ModelFileException(
                Folder!, $"the checkpoint was trained on base model {settings.BaseModel}; {file} in {ModelFolder} is not that model's. Name its folder with --model.");
        }
    }
}

/// <summary>A base model with its tokenizer and the meta-parameters that go with it, loaded.</summary>
/// <param name="Id">The checkpoint id.</param>
/// <param name="ModelName">The base model's name.</param>
/// <param name="Model">The frozen base model.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
/// <param name="Meta">Where the inner loop starts and how far it steps.</param>
/// <param name="Initialisation">How untrained meta-parameters were made; null for trained ones.</param>
/// <param name="ComputeType">The type the base model computes in.</param>
public sealed record Checkpoint(
    string Id, string ModelName, CausalLM Model, TextTokenizer Tokenizer, MetaParameters Meta, MetaInitialisation? Initialisation,
    ComputeType ComputeType) : IDisposable
{
    /// <summary>The longest answer, in tokens, unless somebody asks for another.</summary>
    public int MaxNewTokens { get; init; } = QuestionAnswerer.StandardNewTokens;

    /// <inheritdoc/>
    public void Dispose()
    {
        Meta.Dispose();
        Model.Dispose();
    }
}
