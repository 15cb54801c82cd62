using System.Text;
using Perk.Core.Documents;

namespace Perk.Core.Tests.Documents;

public sealed class TextDecoderTests
{
    private const string French = "Dès l'aube, à l'heure où blanchit la campagne, je partirai. Vois-tu, je sais que tu m'attends. J'irai par la "
        + "forêt, j'irai par la montagne. Je ne puis demeurer loin de toi plus longtemps.\r\nJe marcherai les yeux fixés sur mes pensées.";
    private const string German = "Wer reitet so spät durch Nacht und Wind? Es ist der Vater mit seinem Kind; er hat den Knaben wohl in dem Arm, "
        + "er fasst ihn sicher, er hält ihn warm.\nDem Vater grauset's, er reitet geschwind. Größe, Maß, Übermut, Äpfel.";
    private const string Russian = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. Всё смешалось в доме "
        + "Облонских. Жена узнала, что муж был в связи с бывшею в их доме француженкою-гувернанткой.";
    private const string Polish = "Litwo! Ojczyzno moja! ty jesteś jak zdrowie; ile cię trzeba cenić, ten tylko się dowie, kto cię stracił. Dziś "
        + "piękność twą w całej ozdobie widzę i opisuję, bo tęsknię po tobie.";
    private const string Quoted = "“It was the best of times,” he said – it was the worst of times… it wasn’t the age of foolishness. The café closed.";
    private const string Japanese = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。";

    static TextDecoderTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    [Theory]
    [InlineData(French, "windows-1252")]
    [InlineData(German, "windows-1252")]
    [InlineData(Quoted, "windows-1252")]
    [InlineData(French, "iso-8859-1", "windows-1252")]
    [InlineData("Le cœur a ses raisons. Sa sœur fait une manœuvre, il est à l'œuvre.", "iso-8859-15")]
    [InlineData(French, "macintosh")]
    [InlineData(German, "macintosh")]
    [InlineData(Polish, "windows-1250")]
    [InlineData(Polish, "iso-8859-2")]
    [InlineData(Russian, "windows-1251")]
    [InlineData(Russian, "koi8-r")]
    [InlineData(Russian, "cp866")]
    [InlineData(Japanese, "shift_jis")]
    [InlineData(Japanese, "euc-jp")]
    [InlineData("Café", "windows-1252")]
    [InlineData("naïve", "windows-1252")]
    [InlineData("It’s “so”.", "windows-1252")]
    [InlineData("plain ASCII", "us-ascii", "utf-8")]
    [InlineData(Japanese, "utf-8")]
    [InlineData("emoji 🙂", "utf-8")]
    [InlineData(French, "utf-16le")]
    [InlineData(German, "utf-16be")]
    [InlineData(Russian, "utf-16le")]
    [InlineData(Russian, "utf-16be")]
    [InlineData("ok", "utf-16le")]
    public void Decode_TextWithoutMark_GivesTheTextAndItsEncoding(string text, string encoding, string? expected = null)
    {
        var bytes = Strict(encoding).GetBytes(text);
        Assert.Equal(new DecodedText(text, expected ?? encoding), TextDecoder.Decode(bytes));
    }

    private static Encoding Strict(string name) =>
        Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    [Theory]
    [InlineData("utf-8", "utf-8")]
    [InlineData("utf-16", "utf-16le")]
    [InlineData("utf-16BE", "utf-16be")]
    [InlineData("utf-32", "utf-32le")]
    [InlineData("utf-32BE", "utf-32be")]
    public void Decode_TextWithMark_LeavesTheMarkOut(string encoding, string expected)
    {
        var encoder = Encoding.GetEncoding(encoding);
        byte[] bytes = [.. encoder.GetPreamble(), .. encoder.GetBytes(Japanese)];
        Assert.NotEmpty(encoder.GetPreamble());
        Assert.Equal(new DecodedText(Japanese, expected), TextDecoder.Decode(bytes));
    }

    [Fact]
    public void Decode_Utf8CutWithinACharacter_KeepsAllButThatCharacter()
    {
        var bytes = Encoding.UTF8.GetBytes(Japanese)[..^1];
        bytes[^1] = 0xE3;
        Assert.Equal("utf-8", TextDecoder.Decode(bytes).Encoding);
        Assert.StartsWith(Japanese[..^1] + "\uFFFD", TextDecoder.Decode(bytes).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t ")]
    [InlineData("\uFEFF")]
    [InlineData("\uFEFF\n")]
    public void Decode_NothingToRead_SaysThatItIsEmpty(string text)
    {
        var error = Assert.Throws<DocumentException>(() => TextDecoder.Decode(Encoding.UTF8.GetBytes(text)));
        Assert.Contains("empty", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PNG image", "\u0089PNG\r\n\u001A\n")]
    [InlineData("PDF file", "%PDF-1.7\n")]
    [InlineData("zip archive", "PK\u0003\u0004")]
    [InlineData("JPEG image", "\u00FF\u00D8\u00FF\u00E0")]
    [InlineData("gzip archive", "\u001F\u008B\b")]
    public void Decode_BinaryFormatRenamed_NamesTheFormat(string kind, string begins)
    {
        var rest = new byte[5_000];
        new Random(1).NextBytes(rest);
        var error = Assert.Throws<DocumentException>(() => TextDecoder.Decode([.. Encoding.Latin1.GetBytes(begins), .. rest]));
        Assert.Contains(kind, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void Decode_RandomBytesOfAHundredSeeds_IsNeverText(int length)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var bytes = new byte[length];
            new Random(seed).NextBytes(bytes);
            Assert.Throws<DocumentException>(() => TextDecoder.Decode(bytes));
        }
    }

    [Fact]
    public void Decode_NumbersOf16Bits_IsNotTakenForUtf16()
    {
        var random = new Random(3);
        var bytes = Enumerable.Range(0, 4_000).SelectMany(_ => BitConverter.GetBytes((short)random.Next(0, 256))).ToArray();
        Assert.Throws<DocumentException>(() => TextDecoder.Decode(bytes));
    }

    [Theory]
    [InlineData("a text with a zero\0inside")]
    [InlineData("\u0001\u0002 control characters \u0003\u0004")]
    public void Decode_Utf8WithControlCharacters_IsRefusedWithAReason(string text)
    {
        var error = Assert.Throws<DocumentException>(() => TextDecoder.Decode(Encoding.UTF8.GetBytes(text)));
        Assert.Contains("not text", error.Message, StringComparison.Ordinal);
        Assert.Contains("Submit plain text", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_MarkOfUtf16BeforeAnOddByteCount_SaysThatItIsNotValid()
    {
        var error = Assert.Throws<DocumentException>(() => TextDecoder.Decode([0xFF, 0xFE, 0x41, 0x00, 0x42]));
        Assert.Contains("not valid utf-16le", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_ColouredLogAndFormFeeds_AreText()
    {
        const string Log = "\u001B[31mred\u001B[0m\f\v page\u001A";
        Assert.Equal(Log, TextDecoder.Decode(Encoding.UTF8.GetBytes(Log)).Text);
    }

    [Fact]
    public void Decode_MoreThanTheLimit_SaysBothSizes()
    {
        var error = Assert.Throws<DocumentException>(() => TextDecoder.Decode(new byte[TextDecoder.MaxBytes + 1]));
        Assert.Contains("67108865", error.Message, StringComparison.Ordinal);
        Assert.Contains("67108864", error.Message, StringComparison.Ordinal);
    }
}
