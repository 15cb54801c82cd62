using Perk.Core.MetaLearning;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.MetaLearning;

/// <summary>Outer steps on losses whose gradient is known.</summary>
public sealed class OuterLoopTests
{
    private static readonly OuterOptions Options = new() { Steps = 100, LearningRate = 0.1, Warmup = 0, FinalShare = 1 };

    [Fact]
    public void Step_AParabola_GoesDownhill()
    {
        using var scope = NewDisposeScope();
        var state = OuterState.Start([ones(3).Times(2)], Options);
        for (var i = 0; i < 100; i++) state = Next(state, p => p[0].Squared().sum());
        Assert.True(state.Parameters[0].abs().max().item<float>() < 0.2);
        Assert.Equal((100, 0, 0), (state.Step, state.Skipped, state.NonFinite));
    }

    [Fact]
    public void Step_GradientFarOut_IsSkippedAndCountedAndChangesNothing()
    {
        using var scope = NewDisposeScope();
        var state = Next(OuterState.Start([ones(2)], Options), p => p[0].sum());
        var before = state.Parameters[0].data<float>().ToArray();
        state = Next(state, p => p[0].Times(100).sum());
        Assert.Equal((2, 1, 1), (state.Step, state.Skipped, state.Optimizer.Step));
        Assert.Equal(before, state.Parameters[0].data<float>().ToArray());
        for (var i = 0; i < 60 && state.Skipped == i + 1; i++) state = Next(state, p => p[0].Times(100).sum());
        Assert.InRange(state.Skipped, 2, 59); // A new level is not skipped for ever.
    }

    [Fact]
    public void Step_LossNotFinite_IsSkippedAndEndsTheTrainingOnlyWhenItLasts()
    {
        using var scope = NewDisposeScope();
        var state = OuterState.Start([ones(2)], Options);
        for (var i = 0; i < OuterLoop.MostNonFinite - 1; i++) state = Next(state, p => p[0].Times(double.NaN).sum());
        state = Next(state, p => p[0].sum());
        Assert.Equal((OuterLoop.MostNonFinite - 1, 0), (state.NonFinite, state.NonFiniteInARow));
        var error = Assert.Throws<TrainingDivergedException>(() =>
        {
            for (var i = 0; i < OuterLoop.MostNonFinite; i++) state = Next(state, p => p[0].Over(0).sum() - p[0].Over(0).sum());
        });
        Assert.Contains("smaller learning rate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_Rates_ArePerParameter()
    {
        using var scope = NewDisposeScope();
        var (state, _) = OuterLoop.Step(
            OuterState.Start([ones(1), ones(1), ones(1)], Options), p => OuterGradient.Of(p, q => q[0].sum().Plus(q[1].sum())), [(1, 0), (0, 0), (1, 0.5)], Options);
        Assert.Equal(0.9f, state.Parameters[0].item<float>(), 4);
        Assert.Equal(1f, state.Parameters[1].item<float>());
        Assert.Equal(0.95f, state.Parameters[2].item<float>(), 4); // no gradient: decay alone
    }

    [Fact]
    public void RateAt_Schedule_WarmsUpAndFallsInSteps()
    {
        var options = new OuterOptions { Steps = 110, Warmup = 10, LearningRate = 1, FinalShare = 0.1 };
        Assert.Equal([0.1, 1.0, 0.55, 0.1], ((int[])[0, 10, 60, 110]).Select(s => Math.Round(options.RateAt(s), 10)));
    }

    [Fact]
    public void Save_Loaded_HasEveryBit()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var state = Next(Next(OuterState.Start([ones(2, 3), ones(4)], Options), p => p[0].Squared().sum().Plus(p[1].sum())), p => p[0].sum().Times(1.7));
        state.Save(folder.File("state"));
        var read = OuterState.Load(folder.File("state"), state.Parameters);
        Assert.Equal((state.Step, state.RunningNorm, state.Optimizer.Step), (read.Step, read.RunningNorm, read.Optimizer.Step));
        foreach (var (a, b) in state.Parameters.Concat(state.Optimizer.First).Concat(state.Optimizer.Second)
            .Zip(read.Parameters.Concat(read.Optimizer.First).Concat(read.Optimizer.Second)))
            Stories.Identical(a, b);
        Assert.All(read.Parameters, p => Assert.True(p.requires_grad));
        Assert.Throws<ModelFileException>(() => OuterState.Load(folder.File("state"), [ones(3, 3), ones(4)]));
    }

    private static OuterState Next(OuterState state, Func<IReadOnlyList<Tensor>, Tensor> loss) =>
        OuterLoop.Step(state, p => OuterGradient.Of(p, loss), [.. state.Parameters.Select(_ => (1.0, 0.0))], Options).State;
}
