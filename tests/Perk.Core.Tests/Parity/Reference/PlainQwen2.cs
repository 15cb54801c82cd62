using System.Numerics;
using Perk.Core.Lora;

namespace Perk.Core.Tests.Parity.Reference;

/// <summary>
/// Qwen2 with query, key and value biases, shared key/value heads, another rotary base and an untied head, in float64 loops.
/// </summary>
internal sealed class PlainQwen2
{
    public const int Vocabulary = 19, Width = 16, Heads = 4, KeyValueHeads = 2, Layers = 2, Inner = 24;
    private const int HeadSize = Width / Heads;
    private const double Epsilon = 1e-3, Theta = 50; // far from the defaults, so that those would show

    public const string Config = """
        {"model_type":"qwen2","vocab_size":19,"hidden_size":16,"intermediate_size":24,"num_hidden_layers":2,
         "num_attention_heads":4,
         "num_key_value_heads":2,"max_position_embeddings":32,"rms_norm_eps":1e-3,"rope_theta":50.0,"hidden_act":"silu",
         "tie_word_embeddings":false}
        """;

    private readonly RandomWeights _weights;

    public PlainQwen2(RandomWeights weights)
    {
        _weights = weights;
        weights.Add("model.embed_tokens.weight", Vocabulary, Width);
        weights.Add("lm_head.weight", Vocabulary, Width);
        weights.AddVector("model.norm.weight", Width, centre: 1);
        for (var i = 0; i < Layers; i++)
        {
            var at = $"model.layers.{i}.";
            weights.AddVector(at + "input_layernorm.weight", Width, centre: 1);
            weights.AddVector(at + "post_attention_layernorm.weight", Width, centre: 1);
            foreach (var (name, input, output) in new[]
            {
                ("self_attn.q_proj", Width, Width),
                ("self_attn.k_proj", Width, KeyValueHeads * HeadSize),
                ("self_attn.v_proj", Width, KeyValueHeads * HeadSize),
                ("self_attn.o_proj", Width, Width),
                ("mlp.gate_proj", Width, Inner),
                ("mlp.up_proj", Width, Inner),
                ("mlp.down_proj", Inner, Width),
            })
            {
                weights.Add(at + name + ".weight", output, input, width: 0.6);
                if (name[^6..] is "q_proj" or "k_proj" or "v_proj") weights.AddVector(at + name + ".bias", output);
            }
        }
    }

    /// <summary>Hidden states (T, D) and logits (T, V) of one sequence.</summary>
    public (double[,] Hidden, double[,] Logits) Read(int[] ids, LoraOptions? lora)
    {
        double[,] Linear(double[,] x, string path, bool bias = false)
        {
            var y = Plain.Multiply(x, Plain.Transpose(_weights[path + ".weight"]), bias ? _weights[path + ".bias"] : null);
            if (lora is null) return y;
            return Plain.Add(y, Plain.Multiply(Plain.Multiply(x, _weights[path + ".A"]), _weights[path + ".B"]), lora.Scaling);
        }

        var tokens = _weights["model.embed_tokens.weight"];
        var x = Plain.Map(new double[ids.Length, Width], (t, i, _) => tokens[ids[t], i]);
        for (var layer = 0; layer < Layers; layer++)
        {
            var at = $"model.layers.{layer}.";
            var normal = Norm(x, at + "input_layernorm");
            var q = Turn(Linear(normal, at + "self_attn.q_proj", bias: true));
            var k = Turn(Linear(normal, at + "self_attn.k_proj", bias: true));
            var v = Linear(normal, at + "self_attn.v_proj", bias: true);
            x = Plain.Add(x, Linear(Plain.Attend(q, k, v, Heads, KeyValueHeads, HeadSize), at + "self_attn.o_proj"));
            normal = Norm(x, at + "post_attention_layernorm");
            var (gate, up) = (Linear(normal, at + "mlp.gate_proj"), Linear(normal, at + "mlp.up_proj"));
            var gated = Plain.Map(gate, (t, i, value) => value / (1 + Math.Exp(-value)) * up[t, i]); // SiLU
            x = Plain.Add(x, Linear(gated, at + "mlp.down_proj"));
        }

        var hidden = Norm(x, "model.norm");
        return (hidden, Plain.Multiply(hidden, Plain.Transpose(_weights["lm_head.weight"])));
    }

    /// <summary>In each head the pair (i, i + size/2) is a complex number, turned by position · θ^(−2i/size).</summary>
    private static double[,] Turn(double[,] x) => Plain.Map(x, (t, column, _) =>
    {
        var (head, i) = (column / HeadSize * HeadSize, column % HeadSize % (HeadSize / 2));
        var pair = new Complex(x[t, head + i], x[t, head + i + HeadSize / 2]);
        var turned = pair * Complex.FromPolarCoordinates(1, t * Math.Pow(Theta, -2.0 * i / HeadSize));
        return column % HeadSize < HeadSize / 2 ? turned.Real : turned.Imaginary;
    });

    private double[,] Norm(double[,] x, string name)
    {
        var weight = _weights[name + ".weight"];
        return Plain.Map(x, (t, i, value) =>
            value / Math.Sqrt(Enumerable.Range(0, Width).Select(j => x[t, j] * x[t, j]).Average() + Epsilon) * weight[0, i]);
    }
}
