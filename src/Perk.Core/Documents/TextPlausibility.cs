using System.Globalization;
using System.Text;

namespace Perk.Core.Documents;

/// <summary>Judges whether decoded characters are text or another thing's bytes read as text.</summary>
internal static class TextPlausibility
{
    /// <summary>Of characters that text does not hold, at most one in this many is borne.</summary>
    private const int Rarity = 200;

    /// <summary>No zero character, next to no control characters but white space, backspace, escape, end-of-file.</summary>
    internal static bool HasOnlyTextControls(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal)) return false;
        return text.Count(c => char.IsControl(c) && !IsTextControl(c)) <= text.Length / Rarity;
    }

    /// <summary>As above, and next to no code points that Unicode leaves unassigned or private: for guessed encodings.</summary>
    internal static bool IsLikely(string text)
    {
        if (!HasOnlyTextControls(text)) return false;
        var foreign = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii) continue;
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse) foreign++;
        }

        return foreign <= text.Length / Rarity;
    }

    /// <summary>
    /// How many characters stand where their encoding's letters do not stand: a capital after a small letter, a symbol between
    /// two letters, Latin beside another alphabet, a control character. Zero for text in its right encoding, or nearly.
    /// </summary>
    internal static int Misplaced(string text)
    {
        var misplaced = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsAscii(c)) continue;
            var before = i > 0 ? text[i - 1] : ' ';
            var after = i + 1 < text.Length ? text[i + 1] : ' ';
            if (char.IsControl(c)) misplaced++;
            else if (char.IsUpper(c) && char.IsLower(before)) misplaced++;
            else if (IsOtherAlphabet(c, before) || IsOtherAlphabet(c, after)) misplaced++;
            else if (!char.IsLetter(c) && char.IsLetter(before) && char.IsLetter(after) && !JoinsLetters(c)) misplaced++;
        }

        return misplaced;
    }

    private static bool IsTextControl(char c) =>
        c is '\t' or '\n' or '\r' or '\f' or '\v' or '\b' or '\u001A' or '\u001B' or '\u0085';

    private static bool IsOtherAlphabet(char c, char beside) => c is >= '\u0370' and < '\u0600' && char.IsAsciiLetter(beside);

    /// <summary>Apostrophes, dashes, other punctuation, no-break spaces, soft hyphens, combining marks, surrogates.</summary>
    private static bool JoinsLetters(char c) =>
        c is '‘' or '’' or '–' or '—' or '…' or '·' or '\u00A0' or '\u00AD' || char.IsSurrogate(c)
        || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.OtherPunctuation;
}
