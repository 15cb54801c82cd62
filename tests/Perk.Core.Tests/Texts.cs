using System.Text;
using CsCheck;

namespace Perk.Core.Tests;

/// <summary>Generators of text for property tests.</summary>
public static class Texts
{
    private static readonly Gen<string> Word = OneOf("the", "Lily", "said", "was", "a", "I", "cat.", "dog!", "\"yes,\"", "don't");
    private static readonly Gen<string> Gap = OneOf(" ", " ", " ", "  ", "\n", "\n\n", "\r\n", "\r\n\r\n", "\t", "");
    private static readonly Gen<string> Odd = Gen.OneOf(
        Gen.Char.Select(c => c.ToString()), // any UTF-16 code unit, unpaired surrogates too
        Gen.Int[0x10000, 0x10FFFF].Select(char.ConvertFromUtf32),
        OneOf("▁", "<s>", "</s>", "<0x0A>", "é", "\u0301", "\u200D", "。", "漢字", "🙂", "\0", "\uD83D", "\uDE42"));

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    /// <summary>Text of any code units: words, white space of all kinds, any character, surrogates paired or not.</summary>
    public static Gen<string> Any { get; } = Gen.Frequency((4, Word), (4, Gap), (3, Odd)).Array[0, 80].Select(string.Concat);

    /// <summary>The text with unpaired surrogates replaced by U+FFFD.</summary>
    public static string WellFormed(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) result.Append(rune.ToString());
        return result.ToString();
    }
}
