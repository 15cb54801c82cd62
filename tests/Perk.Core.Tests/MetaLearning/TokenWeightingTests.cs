using Perk.Core.MetaLearning;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.MetaLearning;

public sealed class TokenWeightingTests
{
    [Theory]
    [InlineData(1.0)]
    [InlineData(0.23104906018664842)] // ln 2 / 3, the paper's start
    [InlineData(3.0)]
    public void Constant_AnyToken_WeighsWhatWasAskedFor(double weight)
    {
        using var scope = NewDisposeScope();
        using var head = TokenWeighting.Constant(16, weight, 1, ScalarType.Float64, CPU);
        using var generator = new Generator(2, CPU);
        var weights = head.Weights(randn(5, 16, ScalarType.Float64, generator: generator));
        Stories.Close(Arithmetic.Full(weight, ScalarType.Float64, CPU, 5), weights, 1e-12);
    }

    [Fact]
    public void Constant_PapersStart_HasAZeroBias()
    {
        using var head = TokenWeighting.Constant(16, Math.Log(2) / 3, 1, ScalarType.Float64, CPU);
        Assert.Equal(0, head.Tensors[3].item<double>(), 1e-12);
    }

    [Fact]
    public void Accumulate_WeightOne_IsTheUnweightedGradient()
    {
        using var scope = NewDisposeScope();
        using var adapter = Stories.RandomAdapter(1);
        using var one = TokenWeighting.Constant(64, 1, 1, ScalarType.Float32, CPU);
        using var two = TokenWeighting.Constant(64, 2, 1, ScalarType.Float32, CPU);
        var context = Stories.Segments(2, 12, 9);
        using var plain = InnerLoop.Accumulate(Stories.Model, adapter, null, [context]);
        using var weighted = InnerLoop.Accumulate(Stories.Model, adapter, one, [context]);
        using var doubled = InnerLoop.Accumulate(Stories.Model, adapter, two, [context]);
        for (var i = 0; i < plain.Gradients.Count; i++)
        {
            var tolerance = 1e-5 * Math.Max(1, plain.Gradients[i].abs().max().item<float>());
            Stories.Close(plain.Gradients[i], weighted.Gradients[i], tolerance);
            Stories.Close(plain.Gradients[i].Times(2), doubled.Gradients[i], 2 * tolerance);
        }
    }

    [Fact]
    public void Constructor_TensorsOfAnotherShape_AreRefused() =>
        Assert.Throws<ArgumentException>(() => new TokenWeighting([zeros(128, 16), zeros(128), zeros(1, 127), zeros(1)]));
}
