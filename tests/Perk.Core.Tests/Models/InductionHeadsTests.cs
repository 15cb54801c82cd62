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
        var random = new Random(5);
        int[] passage = [.. Enumerable.Range(0, Config.VocabularySize).OrderBy(_ => random.Next()).Take(60)];
        using var logits = Logits(Config, heads, [.. passage, .. passage]);
        using var said = logits.argmax(-1);
        Assert.InRange(passage[1..].Zip(said.data<long>().ToArray()[60..119]).Count(t => t.First == t.Second) / 59.0, least, most);
    }

    /// <summary>How much more a token says that stands a few places back than one that stands many back.</summary>
    [Theory]
    [InlineData(4, 3, 1000)]
    [InlineData(2, 0.3, 2)]
    public void Take_HeadsThatLookForMany_SeeTheLastTokens(int heads, double least, double most)
    {
        var config = Config with { Layers = 1, Heads = 4, KeyValueHeads = 4 };
        var random = new Random(5);
        double near = 0, far = 0;
        for (var round = 0; round < 10; round++)
        {
            int[] tokens = [.. Enumerable.Range(0, 60).Select(_ => random.Next(Config.VocabularySize))];
            using var said = Logits(config, heads, tokens);
            near += Change(5);
            far += Change(40);

            double Change(int back)
            {
                int[] changed = [.. tokens];
                changed[^(1 + back)] = (changed[^(1 + back)] + 7) % Config.VocabularySize;
                using var other = Logits(config, heads, changed);
                return (other[-1] - said[-1]).norm().item<float>();
            }
        }

        Assert.InRange(near / far, least, most);
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

    private static Tensor Logits(LlamaConfig config, int heads, int[] tokens)
    {
        using var source = new InductionHeads(new InitialWeights(1, ScalarType.Float32, CPU, config.Layers), config, heads, seed: 1);
        using var model = new Llama(config, source);
        using var noGradient = no_grad();
        using var ids = tensor(Array.ConvertAll(tokens, id => (long)id)).unsqueeze(0);
        return model.Logits(model.Hidden(ids, null)[0]);
    }
}
