using System.Text.Json;

namespace Perk.Core.Tests;

public sealed class ExcerptTests
{
    [Theory]
    [InlineData("plain été 日本", "plain été 日本")]
    [InlineData("a\0b\u001b[31m\nc", "a?b?[31m?c")]
    [InlineData("\ud83d\ude00", "??")]
    public void Of_Text_MasksWhatIsNotShown(string text, string shown) => Assert.Equal(shown, Excerpt.Of(text));

    [Fact]
    public void Of_LongText_IsItsBeginning() => Assert.Equal(new string('x', 80) + "…", Excerpt.Of(new string('x', 5000)));

    [Fact]
    public void Of_Json_IsOnOneLine() => Assert.Equal("""{ "a": [ 1, "b c" ] }""", Excerpt.Of(JsonSerializer.Deserialize<JsonElement>("{\n  \"a\": [\n 1,\n\t\"b c\" ]\n}")));

    [Fact]
    public void OfSentence_LongOne_KeepsBothEnds()
    {
        Assert.Equal("short", Excerpt.OfSentence("short"));
        var cut = Excerpt.OfSentence("rank is " + new string('9', 100_000) + "; expected 1 to 1024.");
        Assert.Equal(901, cut.Length);
        Assert.StartsWith("rank is 9", cut);
        Assert.EndsWith("9; expected 1 to 1024.", cut);
        Assert.Equal($"a.json: {cut}", new ModelFileException("a.json", "rank is " + new string('9', 100_000) + "; expected 1 to 1024.").Message);
    }
}
