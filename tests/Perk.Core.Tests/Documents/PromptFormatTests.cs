using CsCheck;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Models;

namespace Perk.Core.Tests.Documents;

public sealed class PromptFormatTests
{
    private static TextTokenizer Tokenizer => Stories.Tokenizer;

    [Theory]
    [InlineData(0, "Once upon a time there was a cat.")]
    [InlineData(7, " begins with a space")]
    [InlineData(12345, "\n\nbegins with empty lines\r\n")]
    [InlineData(3, ": begins like the prefix ends")]
    [InlineData(1, "Größe 🙂")]
    public void Segment_AnyText_LossFallsOnTextAndEndOnly(int index, string text)
    {
        var segment = Segment(index, text);
        Assert.Equal([Tokenizer.BosId!.Value, .. Tokenizer.Encode($"doc_{index}: {text}"), Tokenizer.EosId], segment.Ids);
        Assert.Equal($"doc_{index}:", Tokenizer.Decode(segment.Ids.Take(segment.Prefix)));
        Assert.Equal(Tokenizer.EosId, segment.Ids[^1]);
        Assert.Equal(text, Tokenizer.Decode(segment.Ids.Skip(segment.Prefix))); // Decode takes away the space before the text.
        Assert.Equal(segment.Ids.Count - segment.Prefix, segment.LossTokens);
    }

    [Fact]
    public void Segment_RandomText_PrefixEndsWhereTheTextBegins() => Texts.Any.Where(t => t.Length > 0).Sample(
        text =>
        {
            var segment = Segment(5, text);
            return Tokenizer.Decode(segment.Ids.Take(segment.Prefix)) == "doc_5:"
                && Tokenizer.Decode(segment.Ids.Skip(segment.Prefix)) == Texts.WellFormed(text);
        },
        iter: 300);

    [Theory]
    [InlineData("Clara Event 4: Clara dropped the watch.", "watch Event 4: Clara dropped the watch.")]
    [InlineData("It rained. Clara Event 12: Clara took the watch there. And so on.", "watch Event 12: Clara took the watch there.")]
    [InlineData("A Event 0: A moved to the farm. B Event 1: B went back to the attic.", "farm Event 0: A moved to the farm. attic Event 1: B went back to the attic.")]
    [InlineData("It was the Event: 4 people came.", null)]
    [InlineData("Clara Event 4: Clara dropped", null)]
    [InlineData("", null)]
    public void Segments_Echo_WritesNumberedSentencesAgainUnderTheirLastWord(string text, string? echo)
    {
        var segment = new Segment(3, 0, text, Tokenizer.Count(text));
        var written = PromptFormat.Segments(Tokenizer, [segment], Echo.LastWord).ToList();
        Assert.Equal(PromptFormat.Segment(Tokenizer, segment).Ids, written[0].Ids);
        Assert.False(written[0].IsEcho);
        Assert.Equal(echo is null ? 1 : 2, written.Count);
        if (echo is not null)
        {
            Assert.True(written[1].IsEcho);
            Assert.Equal("doc_3:", Tokenizer.Decode(written[1].Ids.Take(written[1].Prefix)));
            Assert.Equal(echo, Tokenizer.Decode(written[1].Ids.Skip(written[1].Prefix)).Trim());
        }

        Assert.Single(PromptFormat.Segments(Tokenizer, [segment], Echo.None));
    }

    [Fact]
    public void Question_AnyText_IsTheDocumentedPrompt()
    {
        var ids = PromptFormat.Question(Tokenizer, 4, "Who found the ball?");
        Assert.Equal(Tokenizer.BosId, ids[0]);
        Assert.Equal("You have memorized 4 documents.\nWho found the ball?\nAnswer:", Tokenizer.Decode(ids.Skip(1)));
        Assert.Equal(1, ids.Count(id => id == Tokenizer.BosId || id == Tokenizer.EosId));
    }

    [Theory]
    [InlineData(" <support>Tim took it.\n\n T. </support>\n<output> the pond </output>", "the pond", "Tim took it.|T.")]
    [InlineData("<output>a</output> and <output>b</output>", "a", "")]
    [InlineData("<output>the po", "the po", "")]
    [InlineData("<support>Tim fell.\nHe", "", "Tim fell.|He")]
    [InlineData("<support>x</support> so it was Tim", "", "x")]
    [InlineData("<output></output>", "", "")]
    [InlineData(" the pond \n", "the pond", "")]
    [InlineData("", "", "")]
    [InlineData(" \n\t", "", "")]
    public void Parse_AnyForm_GivesAnswerAndSupport(string decoded, string answer, string support)
    {
        var parsed = PromptFormat.Parse(decoded);
        Assert.Equal(answer, parsed.Answer);
        Assert.Equal(support.Split('|', StringSplitOptions.RemoveEmptyEntries), parsed.Support);
    }

    [Theory]
    [InlineData("<output>x</output>", true)]
    [InlineData("<output>x</outpu", false)]
    [InlineData("<support>x</support>", false)]
    [InlineData("", false)]
    public void IsComplete_OnlyAfterTheAnswersEnd(string decoded, bool complete) =>
        Assert.Equal(complete, PromptFormat.IsComplete(decoded));

    private static TokenSegment Segment(int index, string text) =>
        PromptFormat.Segment(Tokenizer, new Segment(index, 0, text, Tokenizer.Count(text)));
}
