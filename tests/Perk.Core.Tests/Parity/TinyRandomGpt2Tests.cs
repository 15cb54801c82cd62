using System.Text.Json;
using Perk.Core.Lora;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Parity;

/// <summary>A random GPT-2 against published greedy continuations, and against itself: in pieces, padded, batched.</summary>
public sealed class TinyRandomGpt2Tests : IDisposable
{
    private static readonly string Folder = RepositoryFiles.Fixture("tiny-random-gpt2");

    private static readonly Published Expected =
        JsonSerializer.Deserialize<Published>(File.ReadAllBytes(Path.Combine(Folder, "expected.json")))!;

    private readonly CausalLM _model = ModelFolder.Load(Folder, CPU);

    private sealed record Published(int[][] greedy, Dictionary<string, double[]> logits);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Decode_ThePublishedPrompts_ContinuesThemAsPublished()
    {
        int[][] prompts = [.. Expected.greedy.Select(ids => ids[..4])];
        var options = new DecodingOptions { MaxNewTokens = 6 };
        var together = GreedyDecoder.Decode(_model, null, prompts, options, TestContext.Current.CancellationToken);
        Assert.Equal(Expected.greedy.Select(ids => ids[4..]), together);
    }

    [Fact]
    public void Logits_ForThePublishedPrompts_AreThePublishedOnes()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Assert.NotEmpty(Expected.logits);
        foreach (var (prompt, logits) in Expected.logits)
        {
            var ids = tensor(prompt.Split(',').Select(long.Parse).ToArray()).unsqueeze(0);
            var hidden = _model.Hidden(ids, null);
            Stories.Close(tensor(logits), _model.Logits(hidden)[0, -1], 1e-5);
        }
    }

    [Fact]
    public void Hidden_CachedInPieces_EqualsAllAtOnce()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var adapter = RandomAdapter();
        var ids = Ids(1, 40);
        using var cache = new KeyValueCache(_model.Layers, [0], CPU);
        long[] pieces = [15, 1, 20, 4];
        var from = 0L;
        var parts = new List<Tensor>();
        foreach (var length in pieces)
        {
            parts.Add(_model.Hidden(ids.narrow(1, from, length), adapter, cache));
            from += length;
        }

        Stories.Close(_model.Hidden(ids, adapter), cat(parts, 1), 1e-5);
    }

    [Fact]
    public void Hidden_PaddedOnTheLeft_CountsPositionsWithoutThePadding()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var adapter = RandomAdapter();
        var ids = Ids(2, 12);
        using var cache = new KeyValueCache(_model.Layers, [5], CPU);
        var padded = cat([zeros(1, 5, int64), ids], 1);
        var first = _model.Hidden(padded.narrow(1, 0, 10), adapter, cache);
        var rest = _model.Hidden(padded.narrow(1, 10, 7), adapter, cache);
        Stories.Close(_model.Hidden(ids, adapter), cat([first, rest], 1).narrow(1, 5, 12), 1e-5);
    }

    [Fact]
    public void Decode_PromptsOfDifferentLengthInOneBatch_EqualsOneAtATime()
    {
        using var adapter = RandomAdapter();
        int[][] prompts = [[5, 9, 700], [3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [42, 42]];
        var options = new DecodingOptions { MaxNewTokens = 20 };
        var together = GreedyDecoder.Decode(_model, adapter, prompts, options, TestContext.Current.CancellationToken);
        for (var i = 0; i < prompts.Length; i++)
        {
            var alone = GreedyDecoder.Decode(_model, adapter, [prompts[i]], options, TestContext.Current.CancellationToken);
            Assert.Equal(alone[0], together[i]);
        }
    }

    [Fact]
    public void Hidden_SeveralProblems_EqualsEachByItself()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var adapter = RandomAdapter(problems: 3);
        using var generator = new Generator(8, CPU);
        var ids = randint(0, 1000, [6, 9], dtype: int64, generator: generator);
        var together = _model.Hidden(ids, adapter);
        for (var p = 0; p < 3; p++)
        {
            var alone = adapter.With([.. adapter.Tensors.Select(t => t.narrow(0, p, 1))]);
            Stories.Close(_model.Hidden(ids.narrow(0, 2 * p, 2), alone), together.narrow(0, 2 * p, 2), 1e-5);
        }
    }

    [Fact]
    public void Hidden_LongerThanTheWindow_IsRefusedWithBothNumbers()
    {
        var error = Assert.Throws<ArgumentException>(() => _model.Hidden(zeros(1, 513, int64), null));
        Assert.Contains("513", error.Message);
        Assert.Contains("512", error.Message);
    }

    private static Tensor Ids(int seed, int length)
    {
        var random = new Random(seed);
        return tensor(Enumerable.Range(0, length).Select(_ => (long)random.Next(1000)).ToArray()).unsqueeze(0);
    }

    private Adapter RandomAdapter(int problems = 1) => Stories.RandomAdapter(3, problems, model: _model);
}
