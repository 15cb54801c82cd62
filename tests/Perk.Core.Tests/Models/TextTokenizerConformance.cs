using System.Globalization;
using CsCheck;
using Perk.Core.Models;

namespace Perk.Core.Tests.Models;

/// <summary>What holds for every tokenizer.</summary>
public abstract class TextTokenizerConformance
{
    private protected abstract TextTokenizer Tokenizer { get; }

    /// <summary>Ids that no text is encoded to.</summary>
    private protected abstract int[] SpecialIds { get; }

    /// <summary>What the model's own normaliser makes of a text.</summary>
    private protected virtual string Normalised(string text) => text;

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("  two leading, two  inner and two trailing  ")]
    [InlineData("\n")]
    [InlineData("\nline\n\n\nline\n")]
    [InlineData("windows\r\nline\r\n\r\nends\r\n")]
    [InlineData("tab\tform feed\f zero\0byte")]
    [InlineData("emoji 🙂👩‍👩‍👧 and 漢字 and ﬁ ligature, e\u0301 ≠ é")]
    [InlineData("▁ in the text, ▁▁ twice,▁")]
    [InlineData("▁")]
    [InlineData(" ▁ ")]
    [InlineData("<s> </s> <unk> <0x0A> <|endoftext|> <|im_start|>user literally")]
    [InlineData("don't I'LL 12345 ٣ 𝟘𝟙 𝐀𝐛 ½ Ⅻ 𐎠 x²")]
    [InlineData("\uFEFFmark \uFFFD replacement \uE000 private \uFFFF none")]
    public void DecodeOfEncode_AwkwardText_IsTheText(string text) =>
        Assert.Equal(Normalised(text), Tokenizer.Decode(Tokenizer.Encode(text)));

    [Fact]
    public void DecodeOfEncode_AnyUnicodeText_IsTheTextWithUnpairedSurrogatesReplaced() =>
        Texts.Any.Sample(
            text => Assert.Equal(Normalised(Texts.WellFormed(text)), Tokenizer.Decode(Tokenizer.Encode(text))), iter: 3_000);

    [Fact]
    public void Encode_AnyUnicodeText_GivesNoSpecialToken() =>
        Texts.Any.Sample(text => Assert.DoesNotContain(Tokenizer.Encode(text), SpecialIds.Contains), iter: 1_000);

    [Fact]
    public void Encode_TheEmptyText_GivesNoId() => Assert.Empty(Tokenizer.Encode(""));

    [Fact]
    public void Decode_IdsThatAreNone_GivesTheReplacementCharacter() =>
        Assert.Equal("\uFFFD\uFFFD", Tokenizer.Decode([-1, Tokenizer.VocabularySize]));

    [Fact]
    public void Encode_FromManyThreads_GivesEachTheSame()
    {
        string Text(int i) => string.Create(CultureInfo.InvariantCulture, $"Story {i}: {new string('é', i % 7)}");
        var texts = Enumerable.Range(0, 400).Select(Text).ToArray();
        var expected = texts.Select(Tokenizer.Encode).ToArray();
        var found = texts.AsParallel().AsOrdered().WithDegreeOfParallelism(8).Select(Tokenizer.Encode).ToArray();
        Assert.Equal(expected, found);
    }
}
