using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace Perk.Core.Models;

/// <summary>Cuts text into the words that byte-pair merging does not cross, by a regular expression over code points.</summary>
/// <remarks>
/// The runtime's expressions read UTF-16, where 𝐀 or 😀 is two units of no class. So the expression reads a stand-in with one
/// unit a code point: a letter for a letter, a digit for a digit, a sign for anything else.
/// <para>
/// The library merges in time square in a word's length, so a word of more than <see cref="LongestWord"/> code points is cut
/// there; only in such words may ids differ from another tool's, the text they decode to never.
/// </para>
/// </remarks>
internal sealed partial class WordPattern : PreTokenizer
{
    /// <summary>GPT-2's expression.</summary>
    internal const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Qwen2.5's expression.</summary>
    internal const string Qwen2 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Code points.</summary>
    internal const int LongestWord = 4096;

    private readonly Regex _words;

    /// <summary>Takes an expression.</summary>
    /// <exception cref="ArgumentException">It is not one, or asks for classes that the stand-ins do not tell apart.</exception>
    internal WordPattern(string pattern)
    {
        if (OtherClasses().Match(pattern) is { Success: true, Value: var found })
            throw new ArgumentException($"it uses '{found}'; the classes \\p{{L}}, \\p{{N}} and \\s are supported.");
        _words = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled);
    }

    /// <inheritdoc/>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => PreTokenize(text.AsSpan());

    /// <summary>The words in their order, with whatever lies between two matches as a word of its own.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    /// <returns>Ranges that cover the text.</returns>
    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAnyInRange('\uD800', '\uDFFF')) return Words(text, i => i);

        var (units, offsets) = StandIn(text);
        return Words(units, i => offsets[i]);
    }

    private List<(int Offset, int Length)> Words(ReadOnlySpan<char> units, Func<int, int> offset)
    {
        var words = new List<(int, int)>();
        var done = 0;
        foreach (var match in _words.EnumerateMatches(units))
        {
            Add(match.Index);
            Add(match.Index + match.Length);
        }

        Add(units.Length);
        return words;

        void Add(int end)
        {
            while (done < end)
            {
                var next = Math.Min(end, done + LongestWord);
                words.Add((offset(done), offset(next) - offset(done)));
                done = next;
            }
        }
    }

    /// <summary>One unit a code point, and where each (and the end) stands in the text.</summary>
    private static (char[] Units, int[] Offsets) StandIn(ReadOnlySpan<char> text)
    {
        var units = new List<char>(text.Length);
        var offsets = new List<int>(text.Length + 1);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            units.Add(rune.IsBmp ? (char)rune.Value : Rune.IsLetter(rune) ? 'a' : IsNumber(rune) ? '0' : '§');
            offsets.Add(at);
            at += rune.Utf16SequenceLength;
        }

        offsets.Add(at);
        return ([.. units], [.. offsets]);
    }

    private static bool IsNumber(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    [GeneratedRegex(@"\\[pP](?!\{[LN]\})(\{\w*\}?|\w?)|\\[wWdDbB]|\\u|\\x")]
    private static partial Regex OtherClasses();
}
