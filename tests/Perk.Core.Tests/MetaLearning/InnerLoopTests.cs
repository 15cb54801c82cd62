using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.MetaLearning;

public sealed class InnerLoopTests
{
    private static readonly IReadOnlyList<TokenSegment> Context = Stories.Segments(1, 40, 25, 60, 33, 12, 60, 47);
    private static readonly InnerLoopOptions Options = new() { SegmentsPerMicroBatch = 64 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_AnySplitIntoMicroBatches_GivesTheSameAdapter(int perMicroBatch)
    {
        using var whole = Run(Context, Options);
        using var split = Run(Context, Options with { SegmentsPerMicroBatch = perMicroBatch });
        Stories.Close(whole, split, 2e-5);
    }

    [Fact]
    public void Run_SegmentsInAnotherOrder_GivesTheSameAdapter()
    {
        using var forward = Run(Context, Options with { SegmentsPerMicroBatch = 2 });
        using var backward = Run([.. Context.Reverse()], Options with { SegmentsPerMicroBatch = 2 });
        Stories.Close(forward, backward, 2e-5);
    }

    [Fact]
    public void Run_OtherContext_GivesAnotherAdapter()
    {
        // The tolerance of the tests above means something: another context is far outside it.
        using var one = Run(Context, Options);
        using var other = Run(Stories.Segments(2, 40, 25, 60, 33, 12, 60, 47), Options);
        Assert.True((one.Tensors[1] - other.Tensors[1]).abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void Accumulate_SegmentsTogether_IsTheSumOfEachAlone()
    {
        // Fails if a token sees another segment, or if padding (the lengths differ) adds to a loss.
        using var adapter = Stories.RandomAdapter(3);
        using var together = InnerLoop.Accumulate(Stories.Model, adapter, null, [Context]);
        var alone = Context.Select(s => InnerLoop.Accumulate(Stories.Model, adapter, null, [[s]])).Aggregate((a, b) => a.Plus(b));
        Assert.Equal(alone.Tokens, together.Tokens);
        Assert.Equal(alone.Loss[0], together.Loss[0], 1e-2);
        foreach (var (a, b) in alone.Gradients.Zip(together.Gradients)) Stories.Close(a, b, 1e-5 * Math.Max(1, a.abs().max().item<float>()));
    }

    [Fact]
    public void Accumulate_Loss_IsTheCrossEntropyOfTheTokensAfterThePrefix()
    {
        using var scope = NewDisposeScope();
        using var adapter = Stories.RandomAdapter(4);
        var segment = Context[0];
        using var sum = InnerLoop.Accumulate(Stories.Model, adapter, null, [[segment]]);

        var ids = tensor(segment.Ids.Select(i => (long)i).ToArray());
        var scores = Stories.Model.Logits(Stories.Model.Hidden(ids.unsqueeze(0), adapter))[0].to(ScalarType.Float64);
        var expected = Enumerable.Range(segment.Prefix, segment.Ids.Count - segment.Prefix)
            .Sum(t => (scores[t - 1].logsumexp(0) - scores[t - 1, segment.Ids[t]]).item<double>());
        Assert.Equal(expected, sum.Loss[0], 1e-3);
        Assert.Equal([segment.Ids.Count - segment.Prefix], sum.Tokens);
    }

    [Fact]
    public void Accumulate_Gradient_EqualsFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        using var adapter = Stories.RandomAdapter(5, type: ScalarType.Float64);
        IReadOnlyList<TokenSegment> context = [Context[4]];
        using var sum = InnerLoop.Accumulate(Stories.Float64, adapter, null, [context]);
        foreach (var i in new[] { 0, 1, 12, 13, 34, 69 })
        {
            var direction = sum.Gradients[i] / sum.Gradients[i].norm();
            double Loss(double h)
            {
                using var moved = adapter.With([.. adapter.Tensors.Select((t, j) => j == i ? t.Plus(direction.Times(h)) : t.clone())]);
                using var at = InnerLoop.Accumulate(Stories.Float64, moved, null, [context]);
                return at.Loss[0];
            }

            var slope = (Loss(1e-6) - Loss(-1e-6)) / 2e-6;
            Assert.Equal(1, slope / sum.Gradients[i].norm().item<double>(), 1e-5);
        }
    }

    [Fact]
    public void Accumulate_SeveralProblems_EqualsEachAlone()
    {
        using var scope = NewDisposeScope();
        using var both = Stories.RandomAdapter(6, problems: 2);
        IReadOnlyList<TokenSegment>[] problems = [Context.Take(3).ToArray(), Context.Skip(3).ToArray()];
        using var sum = InnerLoop.Accumulate(Stories.Model, both, null, problems);
        for (var p = 0; p < 2; p++)
        {
            var alone = both.With([.. both.Tensors.Select(t => t.narrow(0, p, 1))]);
            using var expected = InnerLoop.Accumulate(Stories.Model, alone, null, [problems[p]]);
            Assert.Equal(expected.Tokens[0], sum.Tokens[p]);
            Assert.Equal(expected.Loss[0], sum.Loss[p], 1e-2);
            foreach (var (a, b) in expected.Gradients.Zip(sum.Gradients)) Stories.Close(a, b.narrow(0, p, 1), 1e-5 * Math.Max(1, a.abs().max().item<float>()));
        }
    }

    [Theory]
    [InlineData(InnerOptimizerKind.AdamW, 0.002)]
    [InlineData(InnerOptimizerKind.Sgd, 0.01)]
    public void Run_LossPerToken_FallsAtEveryStep(InnerOptimizerKind optimizer, double stepSize)
    {
        using var meta = Stories.Meta(stepSize: stepSize);
        var result = InnerLoop.Run(Stories.Model, meta, Context, Options with { Optimizer = optimizer }, cancel: TestContext.Current.CancellationToken);
        using var adapter = result.Adapter;
        Assert.Equal(4, result.Losses.Count);
        for (var i = 1; i < 4; i++) Assert.True(result.Losses[i] < result.Losses[i - 1], string.Join(", ", result.Losses));
        Assert.Equal(Context.Sum(s => s.LossTokens), result.Tokens);
    }

    [Fact]
    public void Run_SameInputs_IsBitIdentical()
    {
        using var first = Run(Context, Options);
        using var second = Run(Context, Options);
        Assert.True(Stories.Same(first, second));
    }

    [Fact]
    public void Run_LeavesBaseModelAndMetaParametersAsTheyWere()
    {
        using var scope = NewDisposeScope();
        using var meta = Stories.Meta();
        var before = meta.InitialAdapter.Tensors.Append(meta.StepSizes).Select(t => t.clone()).ToArray();
        var ids = tensor(new long[] { 1, 300, 400 }).unsqueeze(0);
        var hidden = Stories.Model.Hidden(ids, null);
        using var result = InnerLoop.Run(Stories.Model, meta, Context, Options, cancel: TestContext.Current.CancellationToken).Adapter;
        foreach (var (a, b) in before.Zip(meta.InitialAdapter.Tensors.Append(meta.StepSizes))) Stories.Identical(a, b);
        Stories.Identical(hidden, Stories.Model.Hidden(ids, null));
    }

    [Fact]
    public void Run_StepSizesOfZero_KeepThoseTensorsOnly()
    {
        using var scope = NewDisposeScope();
        using var start = Stories.Meta();
        var sizes = start.StepSizes.clone();
        sizes[.., 1] = 0; // the first B, at every step
        sizes[2] = 0; // the third step as a whole
        using var meta = new MetaParameters(start.InitialAdapter.Copy(), sizes);
        var options = Options with { WeightDecay = 0 };
        var result = InnerLoop.Run(Stories.Model, meta, Context, options, cancel: TestContext.Current.CancellationToken);
        using var adapter = result.Adapter;
        Stories.Identical(meta.InitialAdapter.Tensors[1], adapter.Tensors[1]);
        Assert.False(Stories.Same(meta.InitialAdapter, adapter));
        Assert.Equal(result.Losses[2], result.Losses[3]);
    }

    [Fact]
    public void Run_SumOverTheNumberOfTokens_EqualsTheMean()
    {
        var sgd = Options with { Optimizer = InnerOptimizerKind.Sgd };
        using var mean = Run(Context, sgd, 0.001);
        using var sum = Run(Context, sgd with { Normalisation = LossNormalisation.SumOverConstant, NormalisationConstant = Context.Sum(s => s.LossTokens) }, 0.001);
        using var half = Run(Context, sgd with { Normalisation = LossNormalisation.SumOverConstant, NormalisationConstant = 2.0 * Context.Sum(s => s.LossTokens) }, 0.002);
        Stories.Close(mean, sum, 1e-6);
        Assert.False(Stories.Same(mean, half));
        Stories.Close(mean.Tensors[1], half.Tensors[1], 1e-3);
    }

    [Fact]
    public void Run_Cancelled_StopsAtTheNextMicroBatch()
    {
        using var stop = new CancellationTokenSource();
        var seen = 0;
        var progress = new Each(p =>
        {
            if (++seen == 3) stop.Cancel();
        });
        using var meta = Stories.Meta();
        Assert.Throws<OperationCanceledException>(() =>
            InnerLoop.Run(Stories.Model, meta, Context, Options with { SegmentsPerMicroBatch = 1 }, progress, stop.Token));
        Assert.Equal(3, seen);
    }

    [Fact]
    public void Run_StepSizeFarTooLarge_SaysSoInsteadOfReturningNonsense()
    {
        using var meta = Stories.Meta(stepSize: 1e5);
        var sgd = Options with { Optimizer = InnerOptimizerKind.Sgd };
        var error = Assert.Throws<InnerLoopDivergedException>(() => InnerLoop.Run(Stories.Model, meta, Context, sgd, cancel: TestContext.Current.CancellationToken));
        Assert.Contains("step size", error.Message);
    }

    [Fact]
    public void Run_NothingToLearn_IsRefused()
    {
        using var meta = Stories.Meta();
        Assert.Throws<ArgumentException>(() => InnerLoop.Run(Stories.Model, meta, [new TokenSegment([1, 300, 301], 3)], Options, cancel: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Run_MoreStepsThanStepSizes_IsRefusedWithBothNumbers()
    {
        using var meta = Stories.Meta(steps: 2);
        var error = Assert.Throws<ArgumentException>(() => InnerLoop.Run(Stories.Model, meta, Context, Options, cancel: TestContext.Current.CancellationToken));
        Assert.Contains("4", error.Message);
        Assert.Contains("2", error.Message);
    }

    [Theory]
    [InlineData(0, 0.9, 1e-8, 16, "Steps")]
    [InlineData(4, 1.0, 1e-8, 16, "Beta1")]
    [InlineData(4, 0.9, 0, 16, "RootEpsilon")]
    [InlineData(4, 0.9, double.NaN, 16, "RootEpsilon")]
    [InlineData(4, 0.9, 1e-8, 0, "SegmentsPerMicroBatch")]
    public void Validated_OptionOutOfRange_IsNamed(int steps, double beta1, double epsilon, int perMicroBatch, string named)
    {
        var options = new InnerLoopOptions { Steps = steps, Beta1 = beta1, RootEpsilon = epsilon, SegmentsPerMicroBatch = perMicroBatch };
        Assert.Contains(named, Assert.Throws<ArgumentException>(options.Validated).Message);
    }

    [Fact]
    public void Run_ReturnedAdapter_IsAllThatStaysInMemory()
    {
        using var meta = Stories.Meta();
        using var scope = NewDisposeScope();
        using var adapter = InnerLoop.Run(Stories.Model, meta, Context, Options, cancel: TestContext.Current.CancellationToken).Adapter;
        Assert.Equal(0, scope.DisposablesCount);
        Assert.All(adapter.Tensors, t => Assert.False(t.IsInvalid));
    }

    private static Adapter Run(IReadOnlyList<TokenSegment> context, InnerLoopOptions options, double stepSize = 0.01)
    {
        using var meta = Stories.Meta(options.Steps, stepSize);
        return InnerLoop.Run(Stories.Model, meta, context, options, cancel: TestContext.Current.CancellationToken).Adapter;
    }

    private sealed class Each(Action<InnerLoopProgress> report) : IProgress<InnerLoopProgress>
    {
        public void Report(InnerLoopProgress value) => report(value);
    }
}
