using System.Diagnostics;
using CsCheck;
using Perk.Core.Documents;
using Perk.Core.Models;

namespace Perk.Core.Tests.Documents;

public sealed class SegmenterTests
{
    private static readonly TextTokenizer Tokenizer = TextTokenizer.Load(RepositoryFiles.Stories260K);

    [Fact]
    public void Cut_AnyUnicodeText_CoversItOnceWithinTheLimitAndBreaksNoPair() =>
        Gen.Select(Texts.Any.Array[1, 12].Select(string.Concat), Gen.Int[16, 64], Gen.Enum<SegmentUnit>()).Sample(
            (text, limit, unit) =>
            {
                var segments = Cut(text, limit, unit);
                Assert.Equal(text, string.Concat(segments.Select(s => s.Text)));
                var offset = 0;
                foreach (var (segment, index) in segments.Select((s, i) => (s, i)))
                {
                    Assert.Equal((index, offset, segment.Text.Length), (segment.Index, segment.Offset, segment.Length));
                    Assert.Equal(Tokenizer.Count(segment.Text), segment.TokenCount);
                    Assert.InRange(segment.TokenCount, 1, limit);
                    offset += segment.Length;
                    if (offset == text.Length) continue;
                    Assert.False(char.IsSurrogatePair(text[offset - 1], text[offset]));
                    Assert.False(text[offset - 1] == '\r' && text[offset] == '\n');
                }
            },
            iter: 500);

    [Fact]
    public void Cut_EmptyText_GivesNoSegment() => Assert.Empty(Cut("", 16));

    [Fact]
    public void Cut_TextWithinTheLimit_IsOneSegmentAsItIs()
    {
        var segment = Assert.Single(Cut(" Lily was\n\nsad. ", 32));
        Assert.Equal(new Segment(0, 0, " Lily was\n\nsad. ", Tokenizer.Count(" Lily was\n\nsad. ")), segment);
    }

    [Theory]
    [InlineData("\n\n")]
    [InlineData("\r\n\r\n")]
    [InlineData("\n")]
    public void Cut_ParagraphsOfHalfTheLimit_EndsEverySegmentWithAParagraph(string gap)
    {
        var paragraph = "Lily saw a big red ball. She was sad. She said it was so." + gap;
        var text = string.Concat(Enumerable.Repeat(paragraph, 40));
        var segments = Cut(text, 2 * Tokenizer.Count(paragraph) + 10);
        Assert.All(segments, s => Assert.Equal(2 * paragraph.Length, s.Length));
        Assert.Equal(20, segments.Count);
    }

    [Fact]
    public void Cut_OneLongParagraph_EndsSegmentsWithSentences()
    {
        var text = string.Concat(Enumerable.Repeat("Lily saw a big red ball (\"a ball!\") She was sad, and said so? ", 50));
        Assert.All(Cut(text, 100), s => Assert.Matches("[!?][\"')]* $", s.Text));
    }

    [Fact]
    public void Cut_SentencesOfHalfTheLimitAmongLongerOnes_CutsNone()
    {
        const string Half = "Then Tim and his dog ran to the shop and saw a red kite. ";
        var text = string.Concat(Enumerable.Range(1, 60).Select(i => string.Concat(Enumerable.Repeat("Lily saw a ball, ", i % 9 + 1)) + "and sat. " + Half));
        Assert.Equal(60, Cut(text, 2 * Tokenizer.Count(Half)).Count(s => s.Text.Contains(Half, StringComparison.Ordinal)));
    }

    [Fact]
    public void Cut_JapaneseSentences_EndsSegmentsWithTheirFullStop() =>
        Assert.All(Cut(string.Concat(Enumerable.Repeat("吾輩は猫である。名前は「無い。」まだ無い。", 30)), 200), s => Assert.Matches("。」?$", s.Text));

    [Fact]
    public void Cut_RecordsOnLinesWithoutSentences_CutsNoRecord()
    {
        var text = string.Concat(Enumerable.Range(0, 200).Select(i => $"Student {1000 + i}, Year {i % 4}, Grade {i % 90}\n"));
        Assert.All(Cut(text, 128), s => Assert.EndsWith("\n", s.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    public void Cut_UnitLine_GivesEveryRecordASegmentOfItsOwn(string gap)
    {
        string[] records = [.. Enumerable.Range(0, 50).Select(i => $"Student {1000 + i}, Year {i % 4}, Grade {i % 90}{gap}")];
        Assert.Equal(records, Cut(string.Concat(records), 256, SegmentUnit.Line).Select(s => s.Text));
    }

    [Fact]
    public void Cut_UnitParagraph_PacksLinesAndKeepsParagraphsApart()
    {
        string[] paragraphs = ["\n\n A title\nIt was late. \n\n", "She sat.\nHe slept.\n \n", "The end.\n"];
        Assert.Equal(paragraphs, Cut(string.Concat(paragraphs), 256, SegmentUnit.Paragraph).Select(s => s.Text));
    }

    [Fact]
    public void Cut_UnitLineOverTheLimit_CutsOnlyThatLine()
    {
        var longest = string.Concat(Enumerable.Repeat("Lily saw a ball. ", 20)) + "\n";
        var segments = Cut("She sat.\n" + longest + "He slept.\n", 32, SegmentUnit.Line);
        Assert.Equal("She sat.\n", segments[0].Text);
        Assert.Equal(longest, string.Concat(segments.Skip(1).SkipLast(1).Select(s => s.Text)));
        Assert.Equal("He slept.\n", segments[^1].Text);
    }

    [Fact]
    public void Cut_WordsOnly_CutsNoWordAndFillsSegments()
    {
        var text = string.Join(' ', Enumerable.Repeat("Lily wanted to play outside", 200));
        var segments = Cut(text, 64);
        Assert.All(segments.SkipLast(1), s => Assert.EndsWith(" ", s.Text, StringComparison.Ordinal));
        Assert.All(segments.SkipLast(1), s => Assert.InRange(s.TokenCount, 56, 64));
    }

    [Fact]
    public void Cut_WordLongerThanTheLimitAmongOthers_CutsOnlyThatWord()
    {
        var word = string.Concat(Enumerable.Repeat("qz7#", 30));
        var text = $"Lily said {word} and was sad.";
        var segments = Cut(text, 32);
        Assert.Equal("Lily said ", segments[0].Text);
        Assert.All(segments.Skip(1), s => Assert.True((s.Offset >= 10 && s.Offset < 10 + word.Length) || text[s.Offset - 1] == ' ', s.Text));
        Assert.All(segments.Skip(1).SkipLast(2), s => Assert.InRange(s.TokenCount, 28, 32));
    }

    [Fact]
    public void Cut_OrdinaryProse_FillsSegmentsByTwoThirdsAtLeast()
    {
        var text = string.Concat(Enumerable.Range(0, 300).Select(i => $"Lily saw {i} big red balls{(i % 7 == 0 ? ".\n\n" : i % 3 == 0 ? ". " : ", ")}"));
        Assert.All(Cut(text, 128).SkipLast(1), s => Assert.InRange(s.TokenCount, 80, 128));
    }

    [Fact]
    public void Cut_Twice_GivesTheSameSegments()
    {
        var text = string.Concat(Enumerable.Range(0, 100).Select(i => $"Line {i} of the text. "));
        Assert.Equal(Cut(text, 48), Cut(text, 48));
    }

    [Theory]
    [InlineData("Lily saw a big red ball. She was sad, and said so.\n")]
    [InlineData("x")]
    [InlineData(" ")]
    [InlineData("🙂")]
    public void Cut_AMillionCharacters_TakesSecondsNotMinutes(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        var watch = Stopwatch.StartNew();
        var segments = Cut(text, 256);
        Assert.Equal(text.Length, segments.Sum(s => s.Length));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(32_769)]
    public void Options_LimitOutOfRange_NamesOptionAndRange(int limit)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new SegmenterOptions { MaxTokens = limit });
        Assert.Contains("MaxTokens must be from 16 to 32768", error.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<Segment> Cut(string text, int limit, SegmentUnit unit = SegmentUnit.Packed) =>
        new Segmenter(Tokenizer, new SegmenterOptions { MaxTokens = limit, Unit = unit }).Cut(text);
}
