using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>
/// Weights that begin with induction heads (Olsson et al. 2022, arXiv 2209.11895): two heads of the first layer look one token back and write what they
/// find beside the token; two heads of the second layer look for the current token among those, and so find what followed it before, and write that.
/// With four heads, two more of the first layer write the mean of the last tokens, with the current one and without, and a third head of the second
/// layer compares the two: it finds what followed the same several tokens, in whatever order. A small model takes long to find this by itself; without
/// it, it copies nothing from its window, or tells nobody apart by a name that stands some tokens back. Training may change all of it.
/// </summary>
/// <remarks>
/// <para>So many tokens back: a key bias (c, 0) and a query bias that is the same turned back by as many positions agree best at that distance, sharply
/// by the quickest pairs of the rotary embedding, broadly by the next ones.</para>
/// <para>Matching: only the slowest pairs, whose turn over a window is small, carry what is compared.</para>
/// </remarks>
/// <param name="from">The other weights; disposed with this.</param>
/// <param name="config">A model of at least two layers with as many key/value heads as heads, and with biases.</param>
/// <param name="heads">How many heads of the first layer: 0, 1, 2, or 4.</param>
/// <param name="seed">Decides the directions.</param>
internal sealed class InductionHeads(WeightSource from, LlamaConfig config, int heads, long seed) : WeightSource
{
    private const int Pairs = 2; // heads that look one token back
    private const int QuickPairs = 12, FirstBroadPair = 2, BroadPairs = 10; // of 32
    private const double Bias = 7; // A neighbour of the right token scores about 6 less.
    private const double BroadBias = 2.2; // Tokens four away from the middle of the window score about 1 less, those twelve away 4.
    private const double Middle = 3.5; // of the eight last tokens
    private const double Window = 500; // Slow pairs turn by less than 1 over it.
    private const double Written = 0.15, WrittenOfMany = 0.2, Copied = 1; // of what is read, beside an embedding of length 1
    private const double Beside = 0.1; // What the MLPs of both layers write at first, which would drown the rest.
    private const double Score = 12, ScoreOfMany = 12; // of a match; 0.43 is what the lengths above give for each slow dimension

    private readonly Tensor _read = Orthogonal(config.HiddenSize, seed), _write = Orthogonal(config.HiddenSize, seed + 1), _copy = Orthogonal(config.HiddenSize, seed + 2);
    private readonly Tensor _readMany = Orthogonal(config.HiddenSize, seed + 3), _writeMany = Orthogonal(config.HiddenSize, seed + 4);

    /// <inheritdoc/>
    public override bool Has(string name) => from.Has(name);

    /// <inheritdoc/>
    public override Tensor Take(string name, params long[] shape)
    {
        var weight = from.Take(name, shape);
        if (heads == 0) return weight;
        if (Part(name) is "0.mlp.down_proj.weight" or "1.mlp.down_proj.weight") return Quiet(weight);
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var slow = Slow();
        var slowPairs = slow.sum().item<float>();
        Tensor? replaced = Part(name) switch
        {
            "0.q_proj.bias" => Stack(heads, h => h < Pairs ? Sharp(1) : Broad(h == Pairs ? Middle + 1 : Middle)),
            "0.k_proj.bias" => Stack(heads, h => h < Pairs ? Sharp(0) : Broad(0)),
            "0.q_proj.weight" or "0.k_proj.weight" => Stack(heads, _ => zeros(config.HeadSize, config.HiddenSize)),
            "0.v_proj.weight" => Stack(heads, h => h < Pairs ? Rows(_read, h) : Rows(_readMany, 0)),
            "0.o_proj.weight" => Stack(heads, h => h < Pairs ? Rows(_write, h).Times(Written) : Rows(_writeMany, h - Pairs).Times(WrittenOfMany)),
            "1.q_proj.weight" => Stack(Comparing, h => ((h < Pairs ? Rows(_read, h) : Rows(_writeMany, 1)) * slow).Times(Match(h))),
            "1.k_proj.weight" => Stack(Comparing, h => ((h < Pairs ? Rows(_write, h) : Rows(_writeMany, 0)) * slow).Times(Match(h))),
            "1.v_proj.weight" => Stack(Comparing, h => h < Pairs ? Rows(_copy, h) : Rows(_copy, 0)),
            "1.o_proj.weight" => Stack(Comparing, h => (h < Pairs ? Rows(_copy, h) : Rows(_copy, 0)).Times(Copied)),
            _ => null,
        };
        if (replaced is null) return weight.MoveToOuterDisposeScope();
        var (to, values) = name.EndsWith("o_proj.weight", StringComparison.Ordinal) ? (weight.t(), replaced) : (weight, replaced);
        to.narrow(0, 0, values.shape[0]).copy_(values);
        return weight.MoveToOuterDisposeScope();

        double Match(int head) => Math.Sqrt((head < Pairs ? Score : ScoreOfMany) * Math.Sqrt(config.HeadSize) / (0.43 * slowPairs));
    }

    /// <inheritdoc/>
    public override void RequireAllTaken(Func<string, bool> harmless) => from.RequireAllTaken(harmless);

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var tensor in (Tensor[])[_read, _write, _copy, _readMany, _writeMany]) tensor.Dispose();
        from.Dispose();
    }

    private static Tensor Quiet(Tensor weight)
    {
        using (weight) return weight.Times(Beside);
    }

    private static string Part(string name) => name.Replace("model.layers.", "", StringComparison.Ordinal).Replace("self_attn.", "", StringComparison.Ordinal);

    private int Comparing => Math.Min(heads, Pairs + 1);

    private static Tensor Stack(int count, Func<int, Tensor> head) => cat([.. Enumerable.Range(0, count).Select(head)], 0);

    /// <summary>The directions of a head, (head size, D).</summary>
    private Tensor Rows(Tensor of, int head) => of.narrow(0, (long)head * config.HeadSize, config.HeadSize);

    private Tensor Sharp(double positions) => Back(positions, 0, QuickPairs, Bias);

    private Tensor Broad(double positions) => Back(positions, FirstBroadPair, BroadPairs, BroadBias);

    /// <summary>A bias turned back by so many positions, (head size); the pairs are counted as of a head of 64.</summary>
    private Tensor Back(double positions, int first, int pairs, double size)
    {
        var half = config.HeadSize / 2;
        var bias = new float[config.HeadSize];
        for (var pair = first * half / 32; pair < Math.Min((first + pairs) * half / 32, half); pair++)
        {
            var angle = positions * Frequency(pair);
            (bias[pair], bias[pair + half]) = ((float)(size * Math.Cos(angle)), (float)(-size * Math.Sin(angle)));
        }

        return tensor(bias);
    }

    /// <summary>1 for the slow pairs, 0 for the others, (head size, 1).</summary>
    private Tensor Slow() => tensor(Enumerable.Range(0, config.HeadSize)
        .Select(i => Frequency(i % (config.HeadSize / 2)) * Window < 1 ? 1f : 0f).ToArray()).unsqueeze(1);

    private double Frequency(int pair) => Math.Pow(config.RopeTheta, -2.0 * pair / config.HeadSize);

    private static Tensor Orthogonal(int size, long seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        return linalg.qr(randn([size, size], generator: generator)).Q.DetachFromDisposeScope();
    }
}
