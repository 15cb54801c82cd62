using System.Text.Json;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests;

/// <summary>
/// A Qwen2 model of two layers with random weights in float64: small enough to differentiate whole loops numerically, with
/// everything the family has (biases, grouped heads, untied head, its own rotary base).
/// </summary>
internal static class TinyQwen2
{
    public const int Vocabulary = 32, Hidden = 16;
    private static readonly Lazy<CausalLM> Loaded = new(Load);

    public static CausalLM Model => Loaded.Value;

    /// <summary>Random segments with a prefix of 2 tokens that carries no loss.</summary>
    public static IReadOnlyList<TokenSegment> Segments(int seed, params int[] lengths)
    {
        var random = new Random(seed);
        return [.. lengths.Select(n => new TokenSegment([.. Enumerable.Range(0, n).Select(_ => random.Next(Vocabulary))], 2))];
    }

    /// <summary>An adapter of rank 2 with B ≠ 0.</summary>
    public static Adapter RandomAdapter(int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        var options = new LoraOptions { Rank = 2, Alpha = 4 };
        var modules = options.Select(Model.LinearModules);
        return new Adapter(options, modules, [.. modules.SelectMany(m => new[]
        {
            randn([1, m.In, 2], ScalarType.Float64, generator: generator).Times(0.2).DetachFromDisposeScope(),
            randn([1, 2, m.Out], ScalarType.Float64, generator: generator).Times(0.2).DetachFromDisposeScope(),
        })]);
    }

    private static CausalLM Load()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("config.json"), JsonSerializer.Serialize(new
        {
            model_type = "qwen2",
            vocab_size = Vocabulary,
            hidden_size = Hidden,
            intermediate_size = 24,
            num_hidden_layers = 2,
            num_attention_heads = 4,
            num_key_value_heads = 2,
            max_position_embeddings = 64,
            rms_norm_eps = 1e-5,
            rope_theta = 500.0,
            tie_word_embeddings = false,
        }));
        using var scope = NewDisposeScope();
        using var generator = new Generator(77, CPU);
        var weights = new List<(string, Tensor)>();
        void Add(string name, double scale, params long[] shape) => weights.Add((name, randn(shape, generator: generator).Times(scale)));
        Add("model.embed_tokens.weight", 1, Vocabulary, Hidden);
        for (var i = 0; i < 2; i++)
        {
            var at = $"model.layers.{i}.";
            foreach (var (name, output, input) in new[] { ("q", 16, 16), ("k", 8, 16), ("v", 8, 16) })
            {
                Add($"{at}self_attn.{name}_proj.weight", 0.3, output, input);
                Add($"{at}self_attn.{name}_proj.bias", 0.3, output);
            }

            Add(at + "self_attn.o_proj.weight", 0.3, 16, 16);
            Add(at + "mlp.gate_proj.weight", 0.3, 24, 16);
            Add(at + "mlp.up_proj.weight", 0.3, 24, 16);
            Add(at + "mlp.down_proj.weight", 0.3, 16, 24);
            Add(at + "input_layernorm.weight", 1, 16);
            Add(at + "post_attention_layernorm.weight", 1, 16);
        }

        Add("model.norm.weight", 1, 16);
        Add("lm_head.weight", 0.3, Vocabulary, Hidden);
        SafeTensors.Write(folder.File("model.safetensors"), weights);
        return ModelFolder.Load(folder.Path, CPU, ScalarType.Float64);
    }
}
