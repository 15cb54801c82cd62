using Perk.Cli.Commands;

namespace Perk.Cli.Tests.Commands;

public sealed class TokenLengthTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("1000", 1000)]
    [InlineData("8K", 8192)]
    [InlineData("128k", 131_072)]
    [InlineData("1M", 1_048_576)]
    [InlineData("0", null)]
    [InlineData("-8K", null)]
    [InlineData("K", null)]
    [InlineData("", null)]
    [InlineData("8 K", null)]
    [InlineData("1.5K", null)]
    [InlineData("9999M", null)]
    [InlineData("99999999999", null)]
    public void Parse_Text_IsALengthOrNone(string text, int? expected) => Assert.Equal(expected, TokenLength.Parse(text));
}
