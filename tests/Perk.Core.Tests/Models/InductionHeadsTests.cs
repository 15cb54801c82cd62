using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Models;

/// <summary>What a model copies before anything has trained it.</summary>
public sealed class InductionHeadsTests
{
    private static readonly LlamaConfig Config = new()
    {
        VocabularySize = 500, HiddenSize = 128, IntermediateSize = 64, Layers = 2, Heads = 2, KeyValueHeads = 2, HeadSize = 64, MaxPositions = 256,
        NormEpsilon = 1e-6, RopeTheta = 1e6, TieEmbeddings = true, QueryKeyValueBias = true, OutputBias = false,
    };

    [Theory]
    [InlineData(2, 0.5, 1)]
    [InlineData(0, 0, 0.1)]
    public void Take_RandomTokensTwice_PredictsWhatFollowedBefore(int heads, double least, double most)
    {
        using var source = new InductionHeads(new InitialWeights(1, ScalarType.Float32, CPU, Config.Layers), Config, heads, seed: 1);
        using var model = new Llama(Config, source);
        using var noGradient = no_grad();
        var random = new Random(5);
        int[] passage = [.. Enumerable.Range(0, Config.VocabularySize).OrderBy(_ => random.Next()).Take(60)];
        using var ids = tensor((long[])[.. passage.Concat(passage).Select(id => (long)id)]).unsqueeze(0);
        using var said = model.Logits(model.Hidden(ids, null)[0]).argmax(-1);
        var (told, best) = (passage[1..], said.data<long>().ToArray()[60..119]);
        Assert.InRange(told.Zip(best).Count(t => t.First == t.Second) / 59.0, least, most);
    }

    [Fact]
    public void Take_ModelWithoutHeads_LeavesEveryWeight()
    {
        using var plain = new InitialWeights(1, ScalarType.Float32, CPU, 2);
        using var same = new InductionHeads(new InitialWeights(1, ScalarType.Float32, CPU, 2), Config, 0, seed: 1);
        using var a = plain.Take("model.layers.0.self_attn.q_proj.weight", 128, 128);
        using var b = same.Take("model.layers.0.self_attn.q_proj.weight", 128, 128);
        Assert.True(a.equal(b).all().item<bool>());
    }
}
