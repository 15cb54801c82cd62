using Perk.Core.Documents;

namespace Perk.Core.Tasks.MultiDocument;

/// <summary>Finds the sentence around a place in a line of prose.</summary>
internal static class SentenceSpan
{
    /// <summary>Words whose full stop ends no sentence.</summary>
    private static readonly string[] Abbreviations =
        ["Mr", "Mrs", "Ms", "Dr", "St", "Jr", "Sr", "Prof", "Gen", "Col", "Lt", "vs", "ca", "No"];

    /// <summary>The sentence or sentences that hold a part of a text, without the white space around.</summary>
    /// <param name="text">The text, on one line.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="length">Its length.</param>
    internal static (int Start, int Length) Around(string text, int start, int length)
    {
        var (from, to) = (start, start + length);
        while (from > 0 && !IsBoundary(text, from)) from--;
        while (to < text.Length && !IsBoundary(text, to)) to++;
        while (to > from && char.IsWhiteSpace(text[to - 1])) to--;
        return (from, to - from);
    }

    /// <summary>Where a text occurs in another if it does so exactly once; otherwise null.</summary>
    internal static int? OnlyPlace(string text, string part)
    {
        var at = text.IndexOf(part, StringComparison.Ordinal);
        return at >= 0 && text.IndexOf(part, at + 1, StringComparison.Ordinal) < 0 ? at : null;
    }

    private static bool IsBoundary(string text, int at)
    {
        if (TextBoundaries.RankOf(text, at) < TextBoundaries.Rank.Sentence || char.IsLower(text[at])) return false;
        var end = at;
        while (end > 0 && char.IsWhiteSpace(text[end - 1])) end--;
        if (end == 0 || text[end - 1] != '.') return true;
        var word = text[..(end - 1)];
        word = word[(word.LastIndexOfAny([' ', '(', '"', '“']) + 1)..];
        var isInitial = word.Length == 1 && char.IsUpper(word[0]);
        return !isInitial && !word.Contains('.', StringComparison.Ordinal) && !Abbreviations.Contains(word);
    }
}
