using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.MetaLearning;

/// <summary>GPT-2's own operations (layer norm, tanh GELU, fused projection) have second derivatives too.</summary>
public sealed class Gpt2MetaGradientTests
{
    private static readonly Gpt2Config Config = new()
    {
        VocabularySize = 32,
        HiddenSize = 16,
        IntermediateSize = 32,
        Layers = 2,
        Heads = 4,
        MaxPositions = 32,
        NormEpsilon = 1e-5,
        TieEmbeddings = true,
    };

    [Fact]
    public void Run_AllUnrolled_MetaGradientEqualsFiniteDifferences()
    {
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Initialise(Config, 3, CPU, ScalarType.Float64);
        using var generator = new Generator(4, CPU);
        var lora = new LoraOptions { Rank = 2, Alpha = 4 };
        var modules = lora.Select(model.LinearModules);
        Tensor Random(params long[] shape) => randn(shape, ScalarType.Float64, generator: generator);
        Tensor[] start = [.. modules.SelectMany(m => new[] { Random(1, m.In, 2).Times(0.3), Random(1, 2, m.Out).Times(0.3) })];
        var options = new InnerLoopOptions { Steps = 2, RootEpsilon = 0.01 };
        var stepSizes = Arithmetic.Full(0.01, ScalarType.Float64, CPU, 2, start.Length);
        var context = TinyQwen2.Segments(5, 10, 8);

        Tensor Outer(Tensor[] at, int unrolled)
        {
            var meta = new MetaParameters(new Adapter(lora, modules, at), stepSizes);
            var adapter = InnerLoop.Run(model, meta, [context], options, unrolled, cancel: TestContext.Current.CancellationToken).Adapter;
            using var batch = SegmentBatch.Create([TinyQwen2.Segments(6, 7)], CPU);
            return SegmentLoss.OfTokens(model, adapter, null, batch).CrossEntropy.mean();
        }

        Tensor[] leaves = [.. start.Select(t => t.detach().clone().requires_grad_())];
        var gradient = Gradients.Of(Outer(leaves, 2), leaves);
        Tensor[] directions = [.. start.Select(t => Random(t.shape))];
        double At(double by) => Outer([.. start.Zip(directions, (t, d) => t.Plus(d.Times(by)))], 0).item<double>();
        var expected = (At(1e-6) - At(-1e-6)) / 2e-6;
        var actual = gradient.Zip(directions, (g, d) => (g * d).sum().item<double>()).Sum();
        Assert.True(Math.Abs(expected) > 1e-3, $"The slope {expected} says nothing.");
        Assert.Equal(expected, actual, 1e-6 * Math.Max(1, Math.Abs(expected)));
    }
}
