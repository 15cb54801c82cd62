using Perk.Core.Lora;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>
/// GPT-2 (Radford et al. 2019, "Language Models are Unsupervised Multitask Learners"): learned positions, LayerNorm before each
/// block, one fused projection to queries, keys and values, tanh GELU. Its files hold every projection as (in, out).
/// </summary>
public sealed class Gpt2 : CausalLM
{
    private readonly Gpt2Config _config;
    private readonly Tensor _embedding, _positions, _head; // (V, D), (positions, D), (V, D)
    private readonly Norm _finalNorm;
    private readonly List<Layer> _layers = []; // grows as weights are found: a damaged file may ask for any number
    private readonly List<Tensor> _owned = [];

    private sealed record Norm(Tensor Weight, Tensor Bias); // (D), (D)

    private sealed record Linear(string Path, Tensor Weight, Tensor Bias); // (out, in), (out)

    private sealed record Layer(
        Norm AttentionNorm, Linear QueryKeyValue, Linear AttentionOut, Norm MlpNorm, Linear Up, Linear Down);

    /// <summary>
    /// Builds the model from named weights, whose names may begin with <c>transformer.</c> or, as in the first release, not.
    /// </summary>
    /// <param name="config">Its configuration.</param>
    /// <param name="weights">Where they come from.</param>
    /// <exception cref="ModelFileException">A weight is missing, misshapen or has no place in the architecture.</exception>
    internal Gpt2(Gpt2Config config, WeightSource weights)
    {
        using var scope = NewDisposeScope();
        _config = config;
        int d = config.HiddenSize, m = config.IntermediateSize;
        const string root = "transformer.";
        var prefix = weights.Has("wte.weight") ? "" : root;
        var modules = new List<LinearModule>();

        Tensor Own(Tensor tensor)
        {
            _owned.Add(tensor);
            return tensor;
        }

        Norm TakeNorm(string name) =>
            new(Own(weights.Take(prefix + name + ".weight", d)), Own(weights.Take(prefix + name + ".bias", d)));

        _embedding = Own(weights.Take(prefix + "wte.weight", config.VocabularySize, d));
        _positions = Own(weights.Take(prefix + "wpe.weight", config.MaxPositions, d));
        for (var i = 0; i < config.Layers; i++)
        {
            var at = $"h.{i}.";
            var layer = i;

            Linear Project(string name, int input, int output)
            {
                modules.Add(new LinearModule(root + at + name, layer, input, output, FanInFanOut: true));
                var weight = weights.Take(prefix + at + name + ".weight", input, output).t(); // (out, in), a view
                return new Linear(root + at + name, Own(weight), Own(weights.Take(prefix + at + name + ".bias", output)));
            }

            _layers.Add(new Layer(
                TakeNorm(at + "ln_1"), Project("attn.c_attn", d, 3 * d), Project("attn.c_proj", d, d),
                TakeNorm(at + "ln_2"), Project("mlp.c_fc", d, m), Project("mlp.c_proj", m, d)));
        }

        _finalNorm = TakeNorm("ln_f");
        _head = config.TieEmbeddings ? _embedding : Own(weights.Take("lm_head.weight", config.VocabularySize, d));
        LinearModules = modules;
        weights.RequireAllTaken(name => name.EndsWith(".attn.bias", StringComparison.Ordinal) // the causal mask, kept as a buffer
            || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal)
            || (config.TieEmbeddings && name == "lm_head.weight"));
        foreach (var tensor in _owned) tensor.DetachFromDisposeScope();
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
    public override Tensor Hidden(Tensor ids, Adapter? adapter, KeyValueCache? cache = null, bool twiceDifferentiable = false) =>
        Hidden(ids, adapter, cache, twiceDifferentiable, tap: null);

    /// <inheritdoc cref="Hidden(Tensor, Adapter?, KeyValueCache?, bool)"/>
    internal Tensor Hidden(Tensor ids, Adapter? adapter, KeyValueCache? cache, bool twiceDifferentiable, ActivationTap? tap)
    {
        using var scope = NewDisposeScope();
        var (b, t) = (ids.shape[0], ids.shape[1]);
        var length = (cache?.Length ?? 0) + t;
        if (length > MaxPositions)
            throw new ArgumentException($"A sequence of {length} tokens does not fit the model's window of {MaxPositions}.");

        var at = cache?.Positions(t) ?? Arithmetic.Range(0, t, ids.device).unsqueeze(0); // (B, T) or (1, T)
        var mask = cache?.Mask(t);

        var tokens = _embedding.index_select(0, ids.reshape(-1)).view(b, t, -1); // (B, T, D)
        tap?.Invoke(-1, "tok_emb", tokens);
        var positions = _positions.index_select(0, at.reshape(-1)).view(at.shape[0], t, -1); // (B, T, D) or (1, T, D)
        tap?.Invoke(-1, "pos_emb", positions);
        var x = tokens.Plus(positions); // (B, T, D)
        tap?.Invoke(-1, "x", x);
        for (var i = 0; i < _layers.Count; i++)
        {
            x = x.Plus(Attend(i, Normalise(x, _layers[i].AttentionNorm), adapter, mask, cache, twiceDifferentiable, tap));
            tap?.Invoke(i, "attnResid", x);
            x = x.Plus(Mlp(i, Normalise(x, _layers[i].MlpNorm), adapter, tap));
            tap?.Invoke(i, "mlpResid", x);
        }

        cache?.Advance(t);
        return Normalise(x, _finalNorm).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden) => nn.functional.linear(hidden, _head);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        foreach (var tensor in _owned) tensor.Dispose();
    }

    private Tensor Attend(
        int index, Tensor x, Adapter? adapter, Tensor? mask, KeyValueCache? cache, bool twiceDifferentiable, ActivationTap? tap)
    {
        var layer = _layers[index];
        tap?.Invoke(index, "ln1", x);
        var qkv = Apply(layer.QueryKeyValue, x, adapter); // (B, T, 3·D)
        tap?.Invoke(index, "qkv", qkv);
        var parts = qkv.chunk(3, -1);
        var (q, k, v) = (Heads(parts[0]), Heads(parts[1]), Heads(parts[2])); // (B, H, T, D/H)
        tap?.Invoke(index, "q", q);
        tap?.Invoke(index, "k", k);
        tap?.Invoke(index, "v", v);
        if (cache is not null) (k, v) = cache.Append(index, k, v);
        var y = Attention.Apply(q, k, v, mask, twiceDifferentiable).transpose(1, 2).flatten(2); // (B, T, D)
        tap?.Invoke(index, "y", y);
        var projected = Apply(layer.AttentionOut, y, adapter);
        tap?.Invoke(index, "yProj", projected);
        return projected;
    }

    private Tensor Mlp(int index, Tensor x, Adapter? adapter, ActivationTap? tap)
    {
        var layer = _layers[index];
        tap?.Invoke(index, "ln2", x);
        var up = Apply(layer.Up, x, adapter); // (B, T, 4·D)
        tap?.Invoke(index, "fc", up);
        var active = nn.functional.gelu(up, TorchSharp.Modules.GELU.Approximate.tanh);
        tap?.Invoke(index, "gelu", active);
        var down = Apply(layer.Down, active, adapter); // (B, T, D)
        tap?.Invoke(index, "mlp", down);
        return down;
    }

    private static Tensor Apply(Linear linear, Tensor x, Adapter? adapter) =>
        AdaptedLinear.Apply(x, linear.Weight, linear.Bias, adapter?.For(linear.Path));

    private Tensor Heads(Tensor x) => // (B, T, D) to (B, H, T, D/H)
        x.view(x.shape[0], x.shape[1], _config.Heads, _config.HeadSize).transpose(1, 2);

    private Tensor Normalise(Tensor x, Norm norm) =>
        nn.functional.layer_norm(x, [_config.HiddenSize], norm.Weight, norm.Bias, _config.NormEpsilon);
}
