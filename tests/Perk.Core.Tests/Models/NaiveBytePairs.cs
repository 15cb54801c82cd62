using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Perk.Core.Tests.Models;

/// <summary>Byte-level BPE written down plainly, without the library and without regular expressions.</summary>
internal sealed class NaiveBytePairs
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<(string, string), int> _ranks = [];
    private readonly Func<Rune[], int, int> _wordEnd;

    /// <param name="vocabulary">A JSON object of tokens and ids.</param>
    /// <param name="merges">A pair a line.</param>
    /// <param name="wordEnd">Where the word that begins at a position ends.</param>
    public NaiveBytePairs(string vocabulary, string merges, Func<Rune[], int, int> wordEnd)
    {
        _ids = JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(vocabulary))!;
        foreach (var line in File.ReadLines(merges).Where(l => !l.StartsWith("#version", StringComparison.Ordinal)))
            _ranks.Add((line.Split(' ')[0], line.Split(' ')[1]), _ranks.Count);
        _wordEnd = wordEnd;
    }

    public List<int> Encode(string text)
    {
        var runes = text.EnumerateRunes().ToArray();
        var ids = new List<int>();
        for (var at = 0; at < runes.Length;)
        {
            var end = _wordEnd(runes, at);
            ids.AddRange(Merge(string.Concat(runes[at..end])).Select(token => _ids[token]));
            at = end;
        }

        return ids;
    }

    private List<string> Merge(string word)
    {
        var tokens = Encoding.UTF8.GetBytes(word).Select(b => Sign(b).ToString()).ToList();
        while (true)
        {
            var (best, rank) = (-1, int.MaxValue);
            for (var i = 0; i + 1 < tokens.Count; i++)
            {
                if (_ranks.TryGetValue((tokens[i], tokens[i + 1]), out var found) && found < rank) (best, rank) = (i, found);
            }

            if (best < 0) return tokens;
            tokens[best] += tokens[best + 1];
            tokens.RemoveAt(best + 1);
        }
    }

    /// <summary>
    /// A byte's sign in the vocabulary: itself where it is printable in Latin-1, else the next free character from U+0100.
    /// </summary>
    private static char Sign(byte value)
    {
        static bool Printable(int b) => b is >= 33 and <= 126 or >= 161 and <= 172 or >= 174;
        return Printable(value) ? (char)value : (char)(256 + Enumerable.Range(0, value).Count(b => !Printable(b)));
    }

    /// <summary>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</summary>
    public static int Gpt2Word(Rune[] text, int at)
    {
        if (Contraction(text, at, ignoreCase: false) is { } end) return end;
        var start = text[at].Value == ' ' && at + 1 < text.Length ? at + 1 : at;
        if (IsLetter(text[start])) return While(text, start, IsLetter);
        if (IsNumber(text[start])) return While(text, start, IsNumber);
        return IsSpace(text[start]) ? Spaces(text, at) : While(text, start, IsOther);
    }

    /// <summary>(?i:'s|…)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</summary>
    public static int Qwen2Word(Rune[] text, int at)
    {
        if (Contraction(text, at, ignoreCase: true) is { } end) return end;
        var leads = !IsLineEnd(text[at]) && !IsNumber(text[at]) && !IsLetter(text[at]);
        var letters = leads ? at + 1 : at;
        if (letters < text.Length && IsLetter(text[letters])) return While(text, letters, IsLetter);
        if (IsNumber(text[at])) return at + 1;
        var start = text[at].Value == ' ' && at + 1 < text.Length ? at + 1 : at;
        if (IsOther(text[start])) return While(text, While(text, start, IsOther), IsLineEnd);

        // Spaces from here on: to behind the last line end among them, or as for GPT-2.
        var lastLineEnd = Enumerable.Range(at, While(text, at, IsSpace) - at).LastOrDefault(i => IsLineEnd(text[i]), -1);
        return lastLineEnd >= 0 ? lastLineEnd + 1 : Spaces(text, at);
    }

    /// <summary>A run of spaces leaves its last one to the word that follows.</summary>
    private static int Spaces(Rune[] text, int at)
    {
        var end = While(text, at, IsSpace);
        return end == text.Length || end == at + 1 ? end : end - 1;
    }

    private static int? Contraction(Rune[] text, int at, bool ignoreCase)
    {
        var rest = string.Concat(text.Skip(at).Take(3));
        var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        foreach (var ending in (string[])["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"])
            if (rest.StartsWith(ending, comparison)) return at + ending.Length;
        return null;
    }

    private static int While(Rune[] text, int at, Func<Rune, bool> holds)
    {
        while (at < text.Length && holds(text[at])) at++;
        return at;
    }

    private static bool IsLetter(Rune r) => Rune.IsLetter(r);

    private static bool IsNumber(Rune r) => Rune.GetUnicodeCategory(r)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static bool IsSpace(Rune r) => Rune.IsWhiteSpace(r);

    private static bool IsLineEnd(Rune r) => r.Value is '\r' or '\n';

    private static bool IsOther(Rune r) => !IsSpace(r) && !IsLetter(r) && !IsNumber(r);
}
