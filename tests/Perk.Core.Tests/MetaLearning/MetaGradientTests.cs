using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.MetaLearning;

/// <summary>
/// The gradient of a loss on the adapted model with respect to the meta-parameters, in float64, against central differences of the
/// whole loop. With T &lt; all the truncated steps' gradients are held at their unperturbed values, which is what truncation means.
/// </summary>
public sealed class MetaGradientTests
{
    private static readonly IReadOnlyList<TokenSegment> Context = TinyQwen2.Segments(11, 9, 7, 10);
    private static readonly IReadOnlyList<TokenSegment> Question = TinyQwen2.Segments(12, 8);

    public static TheoryData<InnerOptimizerKind, int, LossNormalisation> Cases() => new(
        from optimizer in Enum.GetValues<InnerOptimizerKind>()
        from unrolled in new[] { 0, 1, 2, 3 }
        from normalisation in Enum.GetValues<LossNormalisation>()
        select (optimizer, unrolled, normalisation));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Run_MetaGradient_EqualsFiniteDifferencesOfTheLoop(InnerOptimizerKind optimizer, int unrolled, LossNormalisation normalisation)
    {
        using var scope = NewDisposeScope();
        var options = Options(optimizer) with { Normalisation = normalisation, NormalisationConstant = 30 };
        using var meta = Meta(21, options);
        var gradient = MetaGradient(meta, options, unrolled);
        var frozen = TruncatedSums(meta, options, options.Steps - unrolled);
        using var generator = new Generator(5, CPU);
        foreach (var (name, group) in Groups(meta))
        {
            // One random direction through all tensors of a group: a wrong gradient of any of them shows in its slope.
            var directions = group.Select(i => randn(meta.Tensors[i].shape, ScalarType.Float64, generator: generator)).ToArray();
            var expected = Slope(meta, group, directions, m => OuterLoss(Replay(m, options, frozen)));
            var actual = group.Zip(directions, (i, d) => (gradient[i] * d).sum().item<double>()).Sum();
            Assert.True(Math.Abs(expected - actual) <= 1e-6 * Math.Max(1, Math.Abs(expected)), $"{name}: differences {expected}, gradient {actual}");
        }
    }

    [Fact]
    public void Run_MetaGradient_IsNotTrivial()
    {
        // The comparison above means something: nothing compared there is near zero, and T changes it.
        using var scope = NewDisposeScope();
        var options = Options(InnerOptimizerKind.AdamW);
        using var meta = Meta(21, options);
        var (none, all) = (MetaGradient(meta, options, 0), MetaGradient(meta, options, 3));
        var head = meta.InitialAdapter.Tensors.Count + 1;
        for (var i = 0; i < all.Length; i++) Assert.True(all[i].abs().max().item<double>() > 1e-5, $"tensor {i}");
        for (var i = 0; i < head; i++) Assert.True((all[i] - none[i]).abs().max().item<double>() > 1e-6, $"tensor {i}");
        for (var i = head; i < all.Length; i++) Assert.Equal(0, none[i].abs().max().item<double>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_AnyUnrolling_GivesTheSameAdapter(int unrolled)
    {
        using var scope = NewDisposeScope();
        var options = Options(InnerOptimizerKind.AdamW);
        using var meta = Meta(22, options);
        var encoded = InnerLoop.Run(TinyQwen2.Model, Frozen(meta), Context, options, cancel: TestContext.Current.CancellationToken).Adapter;
        Stories.Close(encoded, InnerLoop.Run(TinyQwen2.Model, meta, [Context], options, unrolled, cancel: TestContext.Current.CancellationToken).Adapter, 1e-10);
    }

    [Fact]
    public void Run_AllUnrolled_EqualsALoopWrittenByHand()
    {
        using var scope = NewDisposeScope();
        var options = Options(InnerOptimizerKind.Sgd) with { Steps = 2, WeightDecay = 0 };
        using var meta = Meta(23, options);
        var weights = meta.InitialAdapter.Tensors.ToArray();
        for (var step = 0; step < 2; step++)
        {
            var total = zeros(1, ScalarType.Float64);
            var tokens = 0;
            foreach (var segment in Context)
            {
                var ids = tensor(segment.Ids.Select(t => (long)t).ToArray()).unsqueeze(0);
                var hidden = TinyQwen2.Model.Hidden(ids, meta.InitialAdapter.With(weights), null, twiceDifferentiable: true)[0];
                var scores = TinyQwen2.Model.Logits(hidden).log_softmax(-1);
                var w = meta.Weighting!.Tensors;
                for (var t = segment.Prefix; t < segment.Ids.Count; t++, tokens++)
                {
                    var inner = nn.functional.gelu(w[0].mv(hidden[t]).Plus(w[1]));
                    var weight = w[2].mv(inner).Plus(w[3]).Times(3).exp().Plus(1.0).log().Over(3);
                    total = total - weight * scores[t - 1, segment.Ids[t]];
                }
            }

            var gradients = Gradients.Of(total.sum().Over(tokens), weights, keepGraph: true);
            weights = [.. weights.Zip(gradients, (v, g) => (v, g)).Select((p, i) => p.v - meta.StepSizes[step, i] * p.g)];
        }

        var byHand = meta.InitialAdapter.With(weights);
        var expected = Gradients.Of(OuterLossOf(byHand), meta.Tensors);
        var actual = MetaGradient(meta, options, 2);
        for (var i = 0; i < expected.Length; i++) Stories.Close(expected[i], actual[i], 1e-9 * Math.Max(1, expected[i].abs().max().item<double>()));
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    public void Run_InitialBOfZero_HasFiniteMetaGradients(ScalarType type)
    {
        // The first gradient of A is exactly zero there, where the root in AdamW would have an infinite slope without its epsilon.
        using var scope = NewDisposeScope();
        var options = Options(InnerOptimizerKind.AdamW) with { RootEpsilon = 1e-4 };
        using var source = Stories.Meta(options.Steps, 0.002);
        using var meta = Attached(source, TokenWeighting.Constant(64, Math.Log(2) / 3, 1, type, CPU), type);
        var model = type == ScalarType.Float64 ? Stories.Float64 : Stories.Model;
        using var adapter = InnerLoop.Run(model, meta, [Stories.Segments(11, 9, 7, 10)], options, options.Steps, cancel: TestContext.Current.CancellationToken).Adapter;
        var gradients = Gradients.Of(Loss(model, adapter, Stories.Segments(12, 8)), meta.Tensors);
        Assert.All(gradients, g => Assert.True(g.isfinite().all().item<bool>()));
        Assert.Contains(gradients, g => g.abs().max().to(ScalarType.Float64).item<double>() > 0);
    }

    [Fact]
    public void Run_SeveralProblems_GiveTheSumOfEachOnesMetaGradient()
    {
        using var scope = NewDisposeScope();
        var options = Options(InnerOptimizerKind.AdamW) with { SegmentsPerMicroBatch = 2 };
        using var meta = Meta(24, options);
        IReadOnlyList<TokenSegment>[] problems = [Context, TinyQwen2.Segments(13, 6, 12), TinyQwen2.Segments(14, 8, 8, 8, 8)];
        using var together = InnerLoop.Run(TinyQwen2.Model, meta, problems, options, options.Steps, cancel: TestContext.Current.CancellationToken).Adapter;
        var sum = Gradients.Of(OuterLossOf(together), meta.Tensors);

        var alone = problems.Select((p, i) =>
        {
            var adapter = InnerLoop.Run(TinyQwen2.Model, meta, [p], options, options.Steps, cancel: TestContext.Current.CancellationToken).Adapter;
            for (var t = 0; t < adapter.Tensors.Count; t++) Stories.Close(adapter.Tensors[t], together.Tensors[t].narrow(0, i, 1), 1e-9);
            return Gradients.Of(OuterLossOf(adapter), meta.Tensors);
        }).ToArray();
        for (var i = 0; i < sum.Length; i++)
        {
            var expected = alone[0][i].Plus(alone[1][i]).Plus(alone[2][i]);
            Stories.Close(expected, sum[i], 1e-9 * Math.Max(1, expected.abs().max().item<double>()));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    public void Run_UnrolledStepsOutOfRange_IsRefused(int unrolled)
    {
        var options = Options(InnerOptimizerKind.Sgd);
        using var meta = Meta(25, options);
        Assert.Contains("0 to 3", Assert.Throws<ArgumentException>(() => 
            InnerLoop.Run(TinyQwen2.Model, meta, [Context], options, unrolled, cancel: TestContext.Current.CancellationToken)).Message);
    }

    private static InnerLoopOptions Options(InnerOptimizerKind optimizer) =>
        new() { Steps = 3, Optimizer = optimizer, RootEpsilon = 0.1, WeightDecay = 0.1, SegmentsPerMicroBatch = 2 };

    /// <summary>Random meta-parameters at B ≠ 0, all requiring a gradient.</summary>
    private static MetaParameters Meta(int seed, InnerLoopOptions options)
    {
        using var scope = NewDisposeScope();
        using var adapter = TinyQwen2.RandomAdapter(seed);
        using var generator = new Generator((ulong)seed, CPU);
        var rate = options.Optimizer == InnerOptimizerKind.AdamW ? 0.002 : 0.005;
        var sizes = rand(options.Steps, adapter.Tensors.Count, ScalarType.Float64, generator: generator).Plus(0.5).Times(rate);
        var head = new TokenWeighting([.. new long[][] { [128, TinyQwen2.Hidden], [128], [1, 128], [1] }
            .Select(s => randn(s, ScalarType.Float64, generator: generator).Times(0.2).DetachFromDisposeScope())]);
        return Attached(new MetaParameters(adapter.Copy(), sizes.DetachFromDisposeScope()), head, ScalarType.Float64);
    }

    private static MetaParameters Attached(MetaParameters meta, TokenWeighting head, ScalarType type)
    {
        Tensor Leaf(Tensor t) => t.detach().to(type).clone().requires_grad_().DetachFromDisposeScope();
        return new MetaParameters(
            meta.InitialAdapter.With([.. meta.InitialAdapter.Tensors.Select(Leaf)]), Leaf(meta.StepSizes), new TokenWeighting([.. head.Tensors.Select(Leaf)]));
    }

    private static MetaParameters Frozen(MetaParameters meta) => WithTensors(meta, [.. meta.Tensors.Select(t => t.detach())]);

    private static MetaParameters WithTensors(MetaParameters meta, Tensor[] tensors)
    {
        var n = meta.InitialAdapter.Tensors.Count;
        return new MetaParameters(meta.InitialAdapter.With(tensors[..n]), tensors[n], new TokenWeighting(tensors[(n + 1)..]));
    }

    private static Tensor[] MetaGradient(MetaParameters meta, InnerLoopOptions options, int unrolled)
    {
        var adapter = InnerLoop.Run(TinyQwen2.Model, meta, [Context], options, unrolled, cancel: TestContext.Current.CancellationToken).Adapter;
        return Gradients.Of(OuterLossOf(adapter), meta.Tensors);
    }

    /// <summary>The sums of the first steps at the unperturbed meta-parameters.</summary>
    private static GradientSum[] TruncatedSums(MetaParameters meta, InnerLoopOptions options, int truncated)
    {
        var sums = new List<GradientSum>();
        Walk(Frozen(meta), options, (step, sum) =>
        {
            if (step < truncated) sums.Add(sum);
        });
        return [.. sums];
    }

    /// <summary>The loop with given gradients in its first steps.</summary>
    private static Adapter Replay(MetaParameters meta, InnerLoopOptions options, GradientSum[] frozen) => Walk(meta, options, (_, _) => { }, frozen);

    private static Adapter Walk(MetaParameters meta, InnerLoopOptions options, Action<int, GradientSum> see, GradientSum[]? frozen = null)
    {
        var optimizer = InnerOptimizer.Create(options);
        var adapter = meta.InitialAdapter;
        var state = optimizer.Init(adapter.Tensors);
        for (var step = 0; step < options.Steps; step++)
        {
            var sum = frozen is not null && step < frozen.Length ? frozen[step] : InnerLoop.Accumulate(TinyQwen2.Model, adapter, meta.Weighting, [Context]);
            see(step, sum);
            using var noGradient = no_grad();
            (adapter, state) = InnerLoop.Update(optimizer, adapter, state, sum, meta.StepSizes[step], options);
        }

        return adapter;
    }

    private static IEnumerable<(string Name, int[] Tensors)> Groups(MetaParameters meta)
    {
        var n = meta.InitialAdapter.Tensors.Count;
        yield return ("A", [.. Enumerable.Range(0, n).Where(i => i % 2 == 0)]);
        yield return ("B", [.. Enumerable.Range(0, n).Where(i => i % 2 == 1)]);
        yield return ("step sizes", [n]);
        foreach (var i in Enumerable.Range(0, 4)) yield return ($"weighting {i}", [n + 1 + i]);
    }

    private static double Slope(MetaParameters meta, int[] group, Tensor[] directions, Func<MetaParameters, double> loss)
    {
        const double h = 1e-6;
        double At(double by) => loss(WithTensors(
            meta, [.. meta.Tensors.Select((t, i) => Array.IndexOf(group, i) is >= 0 and var at ? t.detach().Plus(directions[at].Times(by)) : t.detach())]));
        return (At(h) - At(-h)) / (2 * h);
    }

    private static double OuterLoss(Adapter adapter)
    {
        using var noGradient = no_grad();
        return OuterLossOf(adapter).item<double>();
    }

    /// <summary>The mean loss on a question that every problem is asked, summed over problems.</summary>
    private static Tensor OuterLossOf(Adapter adapter) => Loss(TinyQwen2.Model, adapter, Question);

    private static Tensor Loss(CausalLM model, Adapter adapter, IReadOnlyList<TokenSegment> question)
    {
        using var batch = SegmentBatch.Create([.. Enumerable.Repeat(question, (int)adapter.Problems)], CPU);
        return SegmentLoss.OfTokens(model, adapter, null, batch).CrossEntropy.sum().Over(question.Sum(s => s.LossTokens));
    }
}
