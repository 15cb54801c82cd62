using System.Text.Json;

namespace Perk.Core.Models;

/// <summary>The facts of a <c>config.json</c> of GPT-2.</summary>
public sealed record Gpt2Config : ModelConfig
{
    /// <summary>Width of one head.</summary>
    public int HeadSize => HiddenSize / Heads;

    internal static Gpt2Config Parse(string path, ConfigFields fields)
    {
        fields.Refuse("activation_function", v => !v.Is("gelu_new"), "only the activation gelu_new is supported");
        fields.Refuse("scale_attn_weights", v => v.ValueKind == JsonValueKind.False, "unscaled attention is not supported");
        foreach (var variant in (string[])["scale_attn_by_inverse_layer_idx", "reorder_and_upcast_attn", "add_cross_attention"])
            fields.Refuse(variant, v => v.ValueKind == JsonValueKind.True, "this variant of attention is not supported");

        var hidden = fields.Count("n_embd");
        if (hidden > int.MaxValue / 4) throw new ModelFileException(path, $"n_embd {hidden} is larger than any model's.");
        var config = new Gpt2Config
        {
            VocabularySize = fields.Count("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = fields.Count("n_inner", 4 * hidden),
            Layers = fields.Count("n_layer"),
            Heads = fields.Count("n_head"),
            MaxPositions = fields.Count("n_positions"),
            NormEpsilon = fields.Positive("layer_norm_epsilon", 1e-5),
            TieEmbeddings = fields.Flag("tie_word_embeddings", true),
        };
        if (hidden % config.Heads != 0)
            throw new ModelFileException(path, $"n_embd {hidden} is not a multiple of n_head {config.Heads}.");
        return config;
    }
}
