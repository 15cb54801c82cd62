using Perk.Core.Lora;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>
/// LLaMA (Touvron et al. 2023, arXiv 2302.13971) and Qwen2.5 (arXiv 2412.15115), which differ by configuration: biases, rotary
/// base, tied head, grouped-query heads, norm epsilon.
/// </summary>
public sealed class Llama : CausalLM
{
    private readonly LlamaConfig _config;
    private readonly Tensor _embedding, _head, _finalNorm; // (V, D), (V, D), (D)
    private readonly List<Layer> _layers = []; // grows as weights are found: a damaged file may ask for any number
    private readonly RotaryEmbedding _rotary;
    private readonly List<Tensor> _owned = [];

    private sealed record Linear(string Path, Tensor Weight, Tensor? Bias);

    private sealed record Layer(Tensor AttentionNorm, Linear Q, Linear K, Linear V, Linear O, Tensor MlpNorm, Linear Gate, Linear Up, Linear Down);

    /// <summary>Builds the model from named weights.</summary>
    /// <param name="config">Its configuration.</param>
    /// <param name="weights">Where they come from.</param>
    /// <exception cref="ModelFileException">A weight is missing, misshapen or has no place in the architecture.</exception>
    internal Llama(LlamaConfig config, WeightSource weights)
    {
        using var scope = NewDisposeScope();
        _config = config;
        int d = config.HiddenSize, q = config.Heads * config.HeadSize, kv = config.KeyValueHeads * config.HeadSize, m = config.IntermediateSize;
        var modules = new List<LinearModule>();

        Tensor Take(string name, params long[] shape)
        {
            var tensor = weights.Take(name, shape);
            _owned.Add(tensor);
            return tensor;
        }

        _embedding = Take("model.embed_tokens.weight", config.VocabularySize, d);
        for (var i = 0; i < config.Layers; i++)
        {
            var at = $"model.layers.{i}.";
            var layer = i;

            Linear Project(string name, int input, int output, bool bias)
            {
                modules.Add(new LinearModule(at + name, layer, input, output));
                return new Linear(at + name, Take(at + name + ".weight", output, input), bias ? Take(at + name + ".bias", output) : null);
            }

            _layers.Add(new Layer(
                Take(at + "input_layernorm.weight", d),
                Project("self_attn.q_proj", d, q, config.QueryKeyValueBias),
                Project("self_attn.k_proj", d, kv, config.QueryKeyValueBias),
                Project("self_attn.v_proj", d, kv, config.QueryKeyValueBias),
                Project("self_attn.o_proj", q, d, config.OutputBias),
                Take(at + "post_attention_layernorm.weight", d),
                Project("mlp.gate_proj", d, m, false),
                Project("mlp.up_proj", d, m, false),
                Project("mlp.down_proj", m, d, false)));
        }

        _finalNorm = Take("model.norm.weight", d);
        _head = config.TieEmbeddings ? _embedding : Take("lm_head.weight", config.VocabularySize, d);
        LinearModules = modules;
        weights.RequireAllTaken(name => name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) || (config.TieEmbeddings && name == "lm_head.weight"));
        foreach (var tensor in _owned) tensor.DetachFromDisposeScope();
        _rotary = new RotaryEmbedding(config.HeadSize, config.RopeTheta, WeightType, Device);
    }

    /// <inheritdoc/>
    public override Device Device => _embedding.device;

    /// <inheritdoc/>
    public override int VocabularySize => _config.VocabularySize;

    /// <inheritdoc/>
    public override int HiddenSize => _config.HiddenSize;

    /// <inheritdoc/>
    public override int MaxPositions => _config.MaxPositions;

    /// <inheritdoc/>
    public override int Layers => _config.Layers;

    /// <inheritdoc/>
    public override ScalarType WeightType => _embedding.dtype;

    /// <inheritdoc/>
    public override IReadOnlyList<LinearModule> LinearModules { get; }

    /// <inheritdoc/>
    public override Tensor Hidden(Tensor ids, Adapter? adapter, KeyValueCache? cache = null, bool twiceDifferentiable = false)
    {
        using var scope = NewDisposeScope();
        var (b, t) = (ids.shape[0], ids.shape[1]);
        var length = (cache?.Length ?? 0) + t;
        if (length > MaxPositions)
            throw new ArgumentException($"A sequence of {length} tokens does not fit the model's window of {MaxPositions}.", nameof(ids));

        var positions = cache?.Positions(t) ?? Arithmetic.Range(0, t, ids.device);
        var rotation = _rotary.At(positions);
        var mask = cache?.Mask(t);

        var x = _embedding.index_select(0, ids.reshape(-1)).view(b, t, -1); // (B, T, D)
        for (var i = 0; i < _layers.Count; i++)
        {
            var layer = _layers[i];
            x = x.Plus(Attend(i, Norm(x, layer.AttentionNorm), adapter, rotation, mask, cache, twiceDifferentiable));
            x = x.Plus(Mlp(layer, Norm(x, layer.MlpNorm), adapter));
        }

        cache?.Advance(t);
        return Norm(x, _finalNorm).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden) => nn.functional.linear(hidden, _head);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        _rotary.Dispose();
        foreach (var tensor in _owned) tensor.Dispose();
    }

    private Tensor Attend(
        int index, Tensor x, Adapter? adapter, (Tensor, Tensor) rotation, Tensor? mask, KeyValueCache? cache, bool twiceDifferentiable)
    {
        var layer = _layers[index];
        var q = RotaryEmbedding.Turn(Heads(Apply(layer.Q, x, adapter), _config.Heads), rotation); // (B, H, T, D/H)
        var k = RotaryEmbedding.Turn(Heads(Apply(layer.K, x, adapter), _config.KeyValueHeads), rotation); // (B, Hkv, T, D/H)
        var v = Heads(Apply(layer.V, x, adapter), _config.KeyValueHeads);
        if (cache is not null) (k, v) = cache.Append(index, k, v);
        var y = Attention.Apply(q, k, v, mask, twiceDifferentiable).transpose(1, 2).flatten(2); // (B, T, H·D/H)
        return Apply(layer.O, y, adapter);
    }

    private static Tensor Mlp(Layer layer, Tensor x, Adapter? adapter) =>
        Apply(layer.Down, nn.functional.silu(Apply(layer.Gate, x, adapter)) * Apply(layer.Up, x, adapter), adapter);

    private static Tensor Apply(Linear linear, Tensor x, Adapter? adapter) =>
        AdaptedLinear.Apply(x, linear.Weight, linear.Bias, adapter?.For(linear.Path));

    private Tensor Heads(Tensor x, int heads) => x.view(x.shape[0], x.shape[1], heads, _config.HeadSize).transpose(1, 2); // (B, heads, T, D/H)

    /// <summary>RMSNorm (Zhang and Sennrich 2019, arXiv 1910.07467, eq. 4).</summary>
    private Tensor Norm(Tensor x, Tensor weight)
    {
        var wide = x.AtLeastFloat32();
        var scale = wide.Squared().mean([-1], keepdim: true).Plus(_config.NormEpsilon).rsqrt();
        return (wide * scale).to(x.dtype) * weight;
    }
}
