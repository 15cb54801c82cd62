using Perk.Core.Models;

namespace Perk.Bench;

/// <summary>A model to measure: random weights take as long as trained ones.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Config">Its configuration.</param>
/// <param name="Segments">Segments of 256 tokens in the measured micro-batch.</param>
internal sealed record Shape(string Name, ModelConfig Config, int Segments)
{
    public static IReadOnlyList<Shape> All { get; } =
    [
        new("stories260K", Llama(64, 172, 5, 8, 4, 512), 16),
        new("Qwen2 shape, 1.1M", Llama(128, 352, 4, 4, 4, 2048), 16),
        new("Qwen2 shape, 3M", Llama(192, 512, 6, 6, 2, 2048), 16),
        new("GPT-2 small shape", new Gpt2Config
        {
            VocabularySize = 50257,
            HiddenSize = 768,
            IntermediateSize = 3072,
            Layers = 12,
            Heads = 12,
            MaxPositions = 1024,
            NormEpsilon = 1e-5,
            TieEmbeddings = true,
        }, 4),
    ];

    private static LlamaConfig Llama(int hidden, int intermediate, int layers, int heads, int keyValueHeads, int vocabulary) => new()
    {
        VocabularySize = vocabulary,
        HiddenSize = hidden,
        IntermediateSize = intermediate,
        Layers = layers,
        Heads = heads,
        KeyValueHeads = keyValueHeads,
        HeadSize = hidden / heads,
        MaxPositions = 512,
        NormEpsilon = 1e-5,
        RopeTheta = 10000,
        TieEmbeddings = true,
        QueryKeyValueBias = true,
        OutputBias = false,
    };
}
