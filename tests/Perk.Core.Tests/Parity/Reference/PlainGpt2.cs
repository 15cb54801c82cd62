using Perk.Core.Lora;

namespace Perk.Core.Tests.Parity.Reference;

/// <summary>GPT-2 with biases everywhere, in float64 loops.</summary>
internal sealed class PlainGpt2
{
    public const int Vocabulary = 17, Width = 12, Heads = 3, Layers = 2, Positions = 9, Inner = 20;
    private const double Epsilon = 1e-3; // large, so that another one shows

    public const string Config = """
        {"model_type":"gpt2","vocab_size":17,"n_embd":12,"n_head":3,"n_layer":2,"n_positions":9,"n_inner":20,
         "activation_function":"gelu_new","layer_norm_epsilon":1e-3}
        """;

    private readonly RandomWeights _weights;

    public PlainGpt2(RandomWeights weights)
    {
        _weights = weights;
        weights.Add("transformer.wte.weight", Vocabulary, Width);
        weights.Add("transformer.wpe.weight", Positions, Width);
        foreach (var norm in Enumerable.Range(0, Layers).SelectMany(i => new[] { $"h.{i}.ln_1", $"h.{i}.ln_2" }).Append("ln_f"))
        {
            weights.AddVector($"transformer.{norm}.weight", Width, centre: 1);
            weights.AddVector($"transformer.{norm}.bias", Width);
        }

        for (var i = 0; i < Layers; i++)
        {
            foreach (var (name, input, output) in new[]
            {
                ("attn.c_attn", Width, 3 * Width), ("attn.c_proj", Width, Width),
                ("mlp.c_fc", Width, Inner), ("mlp.c_proj", Inner, Width),
            })
            {
                weights.Add($"transformer.h.{i}.{name}.weight", input, output, width: 0.6);
                weights.AddVector($"transformer.h.{i}.{name}.bias", output);
            }
        }
    }

    /// <summary>Hidden states (T, D) and logits (T, V) of one sequence.</summary>
    public (double[,] Hidden, double[,] Logits) Read(int[] ids, LoraOptions? lora)
    {
        double[,] Linear(double[,] x, string path)
        {
            var y = Plain.Multiply(x, _weights[path + ".weight"], _weights[path + ".bias"]);
            if (lora is null) return y;
            return Plain.Add(y, Plain.Multiply(Plain.Multiply(x, _weights[path + ".A"]), _weights[path + ".B"]), lora.Scaling);
        }

        var (tokens, positions) = (_weights["transformer.wte.weight"], _weights["transformer.wpe.weight"]);
        var x = Plain.Map(new double[ids.Length, Width], (t, i, _) => tokens[ids[t], i] + positions[t, i]);
        for (var layer = 0; layer < Layers; layer++)
        {
            var at = $"transformer.h.{layer}.";
            var qkv = Linear(Norm(x, at + "ln_1"), at + "attn.c_attn");
            double[,] Part(int part) => Plain.Map(x, (t, i, _) => qkv[t, part * Width + i]);
            var y = Plain.Attend(Part(0), Part(1), Part(2), Heads, Heads, Width / Heads);
            x = Plain.Add(x, Linear(y, at + "attn.c_proj"));
            var up = Linear(Norm(x, at + "ln_2"), at + "mlp.c_fc");
            x = Plain.Add(x, Linear(Plain.Map(up, (_, _, value) => Gelu(value)), at + "mlp.c_proj"));
        }

        var hidden = Norm(x, "transformer.ln_f");
        return (hidden, Plain.Multiply(hidden, Plain.Transpose(tokens)));
    }

    /// <summary>Hendrycks and Gimpel 2016 (arXiv 1606.08415), the approximation by tanh.</summary>
    private static double Gelu(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

    private double[,] Norm(double[,] x, string name)
    {
        var (weight, bias) = (_weights[name + ".weight"], _weights[name + ".bias"]);
        return Plain.Map(x, (t, i, value) =>
        {
            var row = Enumerable.Range(0, Width).Select(j => x[t, j]).ToArray();
            var variance = row.Select(r => Math.Pow(r - row.Average(), 2)).Average();
            return (value - row.Average()) / Math.Sqrt(variance + Epsilon) * weight[0, i] + bias[0, i];
        });
    }
}
