using System.Text.Json;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Parity;

/// <summary>A bfloat16 base with float32 adapters against the same in float32.</summary>
public sealed class BFloat16Tests
{
    public static TheoryData<string> Folders => [RepositoryFiles.Stories260K, RepositoryFiles.Fixture("tiny-random-gpt2")];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Accumulate_BFloat16Base_GivesLossAndGradientsOfFloat32(string folder)
    {
        using var scope = NewDisposeScope();
        using var wide = ModelFolder.Load(folder, CPU);
        using var narrow = ModelFolder.Load(folder, CPU, ScalarType.BFloat16);
        Assert.Equal(ScalarType.BFloat16, narrow.WeightType);
        using var adapter = Stories.RandomAdapter(5, model: wide, lora: new LoraOptions { Rank = 4, Alpha = 1.6 });
        var segments = Story();
        using var expected = InnerLoop.Accumulate(wide, adapter, null, [segments]);
        using var actual = InnerLoop.Accumulate(narrow, adapter, null, [segments]);

        Assert.InRange(actual.Loss[0] / expected.Loss[0], 0.99, 1.01);
        Assert.All(actual.Gradients, g => Assert.Equal(ScalarType.Float32, g.dtype));
        Assert.InRange(Cosine(Flat(expected), Flat(actual)), 0.995, 1.001);
        Assert.All(
            expected.Gradients.Zip(actual.Gradients), pair => Assert.InRange(Cosine(pair.First, pair.Second), 0.98, 1.001));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Run_BFloat16Base_LearnsAsInFloat32AndKeepsTheAdapterInFloat32(string folder)
    {
        using var scope = NewDisposeScope();
        using var wide = ModelFolder.Load(folder, CPU);
        using var narrow = ModelFolder.Load(folder, CPU, ScalarType.BFloat16);
        var initialisation = new MetaInitialisation { Lora = new LoraOptions { Rank = 4 }, StepSize = 0.002 };
        using var meta = MetaParameters.Default(narrow, initialisation);
        Assert.All(meta.InitialAdapter.Tensors, t => Assert.Equal(ScalarType.Float32, t.dtype));

        var segments = Story();
        var cancel = TestContext.Current.CancellationToken;
        var expected = InnerLoop.Run(wide, meta, segments, new InnerLoopOptions(), cancel: cancel);
        var actual = InnerLoop.Run(narrow, meta, segments, new InnerLoopOptions(), cancel: cancel);
        using var first = expected.Adapter;
        using var second = actual.Adapter;
        Assert.All(actual.Adapter.Tensors, t => Assert.Equal(ScalarType.Float32, t.dtype));
        Assert.All(expected.Losses.Zip(actual.Losses), l => Assert.InRange(l.Second / l.First, 0.98, 1.02));
        Assert.True(actual.Losses[^1] < actual.Losses[0]);

        // The adapter keeps steps that are too small for bfloat16, and files give them back.
        var (weights, config) = AdapterFile.Write(actual.Adapter, "base");
        using var back = AdapterFile.Read(weights, config, narrow);
        Assert.True(Stories.Same(actual.Adapter, back));
    }

    [Fact]
    public void Decode_BFloat16Base_TellsTheStoryAsFarAsItIsCertain()
    {
        using var model = ModelFolder.Load(RepositoryFiles.Stories260K, CPU, ScalarType.BFloat16);
        var options = new DecodingOptions { MaxNewTokens = 12 };
        var cancel = TestContext.Current.CancellationToken;
        Assert.Equal(
            GreedyDecoder.Decode(Stories.Model, null, [[Stories.Bos]], options, cancel)[0],
            GreedyDecoder.Decode(model, null, [[Stories.Bos]], options, cancel)[0]);
    }

    /// <summary>What stories260K tells, in two parts: text on which its loss is low.</summary>
    private static TokenSegment[] Story()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.Fixture("stories260K", "expected_greedy.json")));
        var ids = json.RootElement.GetProperty("ids").Deserialize<int[]>()!;
        return [new TokenSegment(ids[..80], 3), new TokenSegment([Stories.Bos, .. ids[80..140]], 3)];
    }

    private static Tensor Flat(GradientSum sum) => cat([.. sum.Gradients.Select(g => g.flatten())]);

    private static double Cosine(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return ((a * b).sum() / (a.norm() * b.norm())).item<float>();
    }
}
