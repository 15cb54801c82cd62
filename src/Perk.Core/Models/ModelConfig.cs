namespace Perk.Core.Models;

/// <summary>The facts of a Hugging Face <c>config.json</c> that every decoder needs; each family adds its own.</summary>
public abstract record ModelConfig
{
    /// <summary>V: rows of the embedding.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>D: width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>H: query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>The longest sequence, in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Epsilon of the norms.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>Whether the output head is the embedding.</summary>
    public required bool TieEmbeddings { get; init; }

    /// <summary>Reads and checks a <c>config.json</c>.</summary>
    /// <exception cref="ModelFileException">
    /// It cannot be read, a field is missing or wrong, or the architecture is not supported.
    /// </exception>
    public static ModelConfig Load(string path)
    {
        var fields = ConfigFields.Read(path);
        return fields.Text("model_type") switch
        {
            "gpt2" => Gpt2Config.Parse(path, fields),
            "llama" or "qwen2" => LlamaConfig.Parse(path, fields),
            var type => throw new ModelFileException(path, $"model_type '{type}' is not supported; use gpt2, llama or qwen2."),
        };
    }
}
