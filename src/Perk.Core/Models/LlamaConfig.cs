using System.Text.Json;
using System.Text.Json.Nodes;

namespace Perk.Core.Models;

/// <summary>The facts of a <c>config.json</c> of the LLaMA / Qwen2 family.</summary>
public sealed record LlamaConfig : ModelConfig
{
    /// <summary>Key/value heads; H / this many query heads share each.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of one head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Base of the rotary embedding (Su et al. 2021, arXiv 2104.09864, section 3.2.2).</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Whether query, key and value projections have a bias.</summary>
    public required bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention's output projection has a bias.</summary>
    public required bool OutputBias { get; init; }

    /// <summary>The <c>config.json</c> of a Qwen2 model with float32 weights.</summary>
    /// <param name="eosId">The token that ends a text.</param>
    /// <exception cref="ArgumentException">Its biases are not Qwen2's.</exception>
    internal byte[] ToQwen2Json(int eosId)
    {
        if (!QueryKeyValueBias || OutputBias)
            throw new ArgumentException("A Qwen2 model has biases on query, key and value projections and no others.");
        var json = new JsonObject
        {
            ["architectures"] = new JsonArray("Qwen2ForCausalLM"),
            ["attention_dropout"] = 0.0,
            ["eos_token_id"] = eosId,
            ["hidden_act"] = "silu",
            ["hidden_size"] = HiddenSize,
            ["initializer_range"] = 0.02,
            ["intermediate_size"] = IntermediateSize,
            ["max_position_embeddings"] = MaxPositions,
            ["max_window_layers"] = Layers,
            ["model_type"] = "qwen2",
            ["num_attention_heads"] = Heads,
            ["num_hidden_layers"] = Layers,
            ["num_key_value_heads"] = KeyValueHeads,
            ["pad_token_id"] = eosId,
            ["rms_norm_eps"] = NormEpsilon,
            ["rope_theta"] = RopeTheta,
            ["tie_word_embeddings"] = TieEmbeddings,
            ["torch_dtype"] = "float32",
            ["use_cache"] = true,
            ["use_sliding_window"] = false,
            ["vocab_size"] = VocabularySize,
        };
        if (HeadSize * Heads != HiddenSize) json["head_dim"] = HeadSize; // as transformers reads it, since 4.48
        return [.. JsonSerializer.SerializeToUtf8Bytes(json, Json.Indented), (byte)'\n'];
    }

    internal static LlamaConfig Parse(string path, ConfigFields fields)
    {
        fields.Refuse("rope_scaling", v => v.ValueKind != JsonValueKind.Null, "rotary scaling is not supported");
        fields.Refuse("use_sliding_window", v => v.ValueKind == JsonValueKind.True, "sliding-window attention is not supported");
        fields.Refuse("mlp_bias", v => v.ValueKind == JsonValueKind.True, "MLP biases are not supported");
        fields.Refuse("hidden_act", v => !v.Is("silu"), "only the activation silu is supported");

        // Where transformers 5 keeps what rope_theta and rope_scaling were.
        var rope = fields.Inner("rope_parameters") ?? fields;
        rope.Refuse("rope_type", v => !v.Is("default"), "rotary scaling is not supported");

        var heads = fields.Count("num_attention_heads");
        var hidden = fields.Count("hidden_size");
        var qwen2 = fields.Text("model_type") == "qwen2";
        var llamaBias = !qwen2 && fields.Flag("attention_bias", false);
        var config = new LlamaConfig
        {
            VocabularySize = fields.Count("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = fields.Count("intermediate_size"),
            Layers = fields.Count("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = fields.Count("num_key_value_heads", heads),
            HeadSize = fields.Count("head_dim", Math.Max(1, hidden / heads)),
            MaxPositions = fields.Count("max_position_embeddings"),
            NormEpsilon = fields.Positive("rms_norm_eps", 1e-6),
            RopeTheta = rope.Positive("rope_theta", 10000),
            TieEmbeddings = fields.Flag("tie_word_embeddings", false),
            QueryKeyValueBias = qwen2 || llamaBias,
            OutputBias = llamaBias,
        };
        if (config.Heads % config.KeyValueHeads != 0)
        {
            throw new ModelFileException(
                path, $"num_attention_heads {config.Heads} is not a multiple of num_key_value_heads {config.KeyValueHeads}.");
        }

        if ((long)config.Heads * config.HeadSize > int.MaxValue)
            throw new ModelFileException(path, $"num_attention_heads {config.Heads} times head_dim {config.HeadSize} is larger than any model's.");
        if (config.HeadSize % 2 != 0)
            throw new ModelFileException(path, $"the head size {config.HeadSize} is odd; rotation needs an even one.");
        return config;
    }
}
