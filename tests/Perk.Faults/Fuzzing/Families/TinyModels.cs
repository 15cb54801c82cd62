using System.Text.Json.Nodes;
using Perk.Core.Models;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Model folders of a few dozen kilobytes: random weights, and the first merges of GPT-2's tokenizer.</summary>
internal static class TinyModels
{
    private const int Merges = 12, Vocabulary = 256 + Merges + 1;

    private const string Qwen2Config = """
        { "model_type": "qwen2", "vocab_size": 269, "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
          "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "rope_theta": 500.0, "tie_word_embeddings": true, "hidden_act": "silu", "eos_token_id": 268, "use_sliding_window": false }
        """;

    private const string LlamaConfig = """
        { "model_type": "llama", "vocab_size": 269, "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1, "num_attention_heads": 2, "attention_bias": true, "head_dim": 6,
          "max_position_embeddings": 64, "rope_parameters": { "rope_type": "default", "rope_theta": 10000 }, "tie_word_embeddings": false, "eos_token_id": [268, 1], "mlp_bias": false }
        """;

    private const string Gpt2Config = """
        { "model_type": "gpt2", "vocab_size": 269, "n_embd": 8, "n_layer": 2, "n_head": 2, "n_positions": 32, "n_inner": null, "activation_function": "gelu_new",
          "layer_norm_epsilon": 1e-5, "tie_word_embeddings": true, "scale_attn_weights": true, "eos_token_id": 268 }
        """;

    /// <summary>Writes a model of the Qwen2 family without its tokenizer.</summary>
    public static void WriteQwen2(string folder) => Write(folder, Qwen2Config, sharded: false);

    /// <summary>Writes a LLaMA model with everything Qwen2's lacks, in two files.</summary>
    public static void WriteLlama(string folder) => Write(folder, LlamaConfig, sharded: true);

    /// <summary>Writes a GPT-2.</summary>
    public static void WriteGpt2(string folder) => Write(folder, Gpt2Config, sharded: false);

    /// <summary>Writes the tokenizer as vocab.json, merges.txt and tokenizer_config.json.</summary>
    public static void WriteTokenizer(string folder) => Gpt2Merges.WriteFiles(folder, Merges);

    /// <summary>Writes the tokenizer as tokenizer.json, with GPT-2's words or with an expression of its own.</summary>
    public static void WriteTokenizerJson(string folder, bool split)
    {
        WriteTokenizer(folder);
        var (vocabulary, merges) = (File.ReadAllText(Path.Combine(folder, "vocab.json")), File.ReadAllLines(Path.Combine(folder, "merges.txt")).Skip(1));
        var bytes = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = !split };
        var json = new JsonObject
        {
            ["added_tokens"] = new JsonArray(new JsonObject { ["id"] = Vocabulary - 1, ["content"] = "<|endoftext|>", ["special"] = true }),
            ["normalizer"] = split ? new JsonObject { ["type"] = "NFC" } : null,
            ["pre_tokenizer"] = !split ? bytes : new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = WordPattern.Qwen2 }, ["behavior"] = "Isolated", ["invert"] = false }, bytes),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE", ["dropout"] = null, ["byte_fallback"] = false, ["vocab"] = JsonNode.Parse(vocabulary),
                ["merges"] = new JsonArray([.. merges.Select((line, i) => i % 2 == 0 ? (JsonNode)line : new JsonArray([.. line.Split(' ').Select(part => (JsonNode)part)]))]),
            },
        };
        foreach (var file in Directory.GetFiles(folder)) File.Delete(file);
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), json.ToJsonString());
    }

    private static void Write(string folder, string config, bool sharded)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "config.json");
        File.WriteAllText(path, config);
        RecordedWeights.Write(folder, ModelConfig.Load(path), sharded);
    }
}
