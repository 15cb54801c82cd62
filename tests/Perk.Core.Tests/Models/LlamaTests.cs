using System.Text.Json;
using Perk.Core.Lora;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Models;

public sealed class LlamaTests
{
    private static readonly Story Expected = JsonSerializer.Deserialize<Story>(
        File.ReadAllText(RepositoryFiles.Fixture("stories260K", "expected_greedy.json")))!;

    private sealed record Story(int[] ids, string text, double[] logits_pos0, double[] teacher_forced_logits_pos46);

    [Fact]
    public void Decode_FromBeginOfSequence_TellsThePublishedStoryTokenForToken()
    {
        var options = new DecodingOptions { MaxNewTokens = 257, StopIds = [Stories.Bos] };
        var story = Assert.Single(GreedyDecoder.Decode(Stories.Model, null, [[Stories.Bos]], options, TestContext.Current.CancellationToken));
        Assert.Equal(Expected.ids[1..], story);
        Assert.Equal(Expected.text, Stories.Tokenizer.Decode(story));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(47)]
    public void Logits_TeacherForced_EqualTheFloat64Reference(int tokens)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var logits = Stories.Model.Logits(Stories.Model.Hidden(Row(Expected.ids[..tokens]), null))[0, tokens - 1];
        Stories.Close(tensor(tokens == 1 ? Expected.logits_pos0 : Expected.teacher_forced_logits_pos46), logits, 1e-4);
    }

    [Fact]
    public void Hidden_CachedInPieces_EqualsAllAtOnce()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var adapter = Stories.RandomAdapter(1);
        var ids = Expected.ids[..60];
        var whole = Stories.Model.Hidden(Row(ids), adapter);
        using var cache = new KeyValueCache(Stories.Model.Layers, [0], CPU);
        var pieces = new[] { 0..20, 20..21, 21..50, 50..60 }.Select(r => Stories.Model.Hidden(Row(ids[r]), adapter, cache)).ToArray();
        Stories.Close(whole, cat(pieces, 1), 1e-4);
    }

    [Fact]
    public void Decode_Uncached_ChoosesTheSameTokens()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var ids = new List<int> { Stories.Bos };
        for (var i = 0; i < 60; i++) ids.Add((int)Stories.Model.Logits(Stories.Model.Hidden(Row([.. ids]), null))[0, -1].argmax().item<long>());
        Assert.Equal(Expected.ids[..61], ids);
    }

    [Fact]
    public void Decode_PromptsOfDifferentLengthInOneBatch_EqualsOneAtATime()
    {
        using var adapter = Stories.RandomAdapter(2);
        int[][] prompts = [[1, 403, 407], [1], [1, 403, 407, 261, 378, 432, 383, 286, 261, 376], [1, 300, 310, 320, 330]];
        var options = new DecodingOptions { MaxNewTokens = 40 };
        var together = GreedyDecoder.Decode(Stories.Model, adapter, prompts, options, TestContext.Current.CancellationToken);
        for (var i = 0; i < prompts.Length; i++)
            Assert.Equal(GreedyDecoder.Decode(Stories.Model, adapter, [prompts[i]], options, TestContext.Current.CancellationToken)[0], together[i]);
    }

    [Fact]
    public void Decode_SeveralAdaptersInOneBatch_EqualsOneAtATime()
    {
        Adapter[] adapters = [Stories.RandomAdapter(31), Stories.RandomAdapter(32), Stories.RandomAdapter(33)];
        using var stacked = Adapter.Stack(adapters);
        int[][] prompts = [[1, 403, 407], [1], [1, 403, 407, 261, 378], [1, 300], [1, 310, 320], [1, 261]];
        var options = new DecodingOptions { MaxNewTokens = 30 };
        var together = GreedyDecoder.Decode(Stories.Model, stacked, prompts, options, TestContext.Current.CancellationToken);
        for (var i = 0; i < prompts.Length; i++)
        {
            var alone = GreedyDecoder.Decode(Stories.Model, adapters[i / 2], [prompts[i]], options, TestContext.Current.CancellationToken);
            Assert.Equal(alone[0], together[i]);
        }

        Assert.NotEqual(together[1], together[3]);
        foreach (var adapter in adapters) adapter.Dispose();
    }

    [Fact]
    public void Decode_PromptsThatDoNotShareOut_AreRefused()
    {
        using var adapter = Stories.RandomAdapter(34, problems: 2);
        Assert.Throws<ArgumentException>(() =>
            GreedyDecoder.Decode(Stories.Model, adapter, [[1], [1], [1]], new DecodingOptions(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Hidden_TokensAfterAPosition_DoNotChangeIt()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var one = Stories.Model.Hidden(Row([1, 403, 407, 261, 378]), null);
        var other = Stories.Model.Hidden(Row([1, 403, 407, 300, 310]), null);
        Stories.Close(one.narrow(1, 0, 3), other.narrow(1, 0, 3), 1e-6);
        Assert.True((one.select(1, 3) - other.select(1, 3)).abs().max().item<float>() > 0.01);
    }

    [Fact]
    public void Decode_StopToken_EndsTheRowWithoutIt()
    {
        var options = new DecodingOptions { MaxNewTokens = 50, StopIds = [Expected.ids[10]] };
        Assert.Equal(Expected.ids[1..10], GreedyDecoder.Decode(Stories.Model, null, [[1]], options, TestContext.Current.CancellationToken)[0]);
    }

    [Fact]
    public void Decode_StopCondition_EndsTheRowWithTheTokenThatMadeItTrue()
    {
        var options = new DecodingOptions { MaxNewTokens = 50, StopWhen = ids => Stories.Tokenizer.Decode(ids).Contains("little", StringComparison.Ordinal) };
        var text = Stories.Tokenizer.Decode(GreedyDecoder.Decode(Stories.Model, null, [[1]], options, TestContext.Current.CancellationToken)[0]);
        Assert.Equal("Once upon a time, there was a little", text);
    }

    [Fact]
    public void Decode_MoreThanTheWindow_IsRefusedWithBothNumbers()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            GreedyDecoder.Decode(Stories.Model, null, [new int[500]], new DecodingOptions { MaxNewTokens = 13 }, TestContext.Current.CancellationToken));
        Assert.Contains("500", error.Message);
        Assert.Contains("512", error.Message);
    }

    [Fact]
    public void Decode_Cancelled_Throws() => Assert.Throws<OperationCanceledException>(() =>
        GreedyDecoder.Decode(Stories.Model, null, [[1]], new DecodingOptions(), new CancellationToken(canceled: true)));

    private static Tensor Row(int[] ids) => tensor(ids.Select(i => (long)i).ToArray()).unsqueeze(0);
}
