using Perk.Core.Documents;

namespace Perk.Core.Tasks.BabiLong;

/// <summary>A sentence of a text.</summary>
/// <param name="Book">The whole text.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where the next one begins, or the end.</param>
/// <param name="BeginsParagraph">Whether a paragraph begins with it.</param>
internal readonly record struct HaystackSentence(string Book, int Start, int End, bool BeginsParagraph)
{
    /// <summary>Its words with one space between them.</summary>
    internal string Text => string.Join(' ', Book[Start..End].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>What stands before it.</summary>
    internal string Separator => BeginsParagraph ? "\n\n" : " ";

    /// <summary>Cuts a text by <see cref="TextBoundaries"/>.</summary>
    internal static IEnumerable<HaystackSentence> Cut(string text)
    {
        var cuts = new List<(int At, TextBoundaries.Rank Rank, bool AfterEmptyLine)>();
        for (var at = 1; at < text.Length; at++)
        {
            if (TextBoundaries.RankOf(text, at) is var rank && rank >= TextBoundaries.Rank.Line)
                cuts.Add((at, rank, IsAfterEmptyLine(text, at)));
        }

        var lines = cuts.Where(c => !c.AfterEmptyLine && c.Rank != TextBoundaries.Rank.Sentence).ToList();
        var wrapped = lines.Count(c => c.Rank == TextBoundaries.Rank.Line) * 2 > lines.Count;
        var (start, begins) = (0, true);
        foreach (var (at, rank, afterEmptyLine) in cuts)
        {
            var paragraph = afterEmptyLine || (!wrapped && rank != TextBoundaries.Rank.Sentence);
            if (!paragraph && (rank == TextBoundaries.Rank.Line || EndsInTitle(text, at))) continue;
            if (!text.AsSpan(start..at).IsWhiteSpace()) yield return new(text, start, at, begins);
            (start, begins) = (at, paragraph);
        }

        if (!text.AsSpan(start).IsWhiteSpace()) yield return new(text, start, text.Length, begins);
    }

    private static bool IsAfterEmptyLine(string text, int at)
    {
        var ends = 0;
        for (var i = at - 1; i >= 0 && char.IsWhiteSpace(text[i]); i--)
        {
            if (text[i] == '\n') ends++;
        }

        return ends > 1;
    }

    /// <summary>A full stop after a title or an initial ends no sentence.</summary>
    private static bool EndsInTitle(string text, int at)
    {
        var end = at;
        while (char.IsWhiteSpace(text[end - 1])) end--;
        var start = end;
        while (start > 0 && end - start < 6 && (char.IsAsciiLetter(text[start - 1]) || start == end)) start--;
        return text.AsSpan(start, end - start) is "Mr." or "Mrs." or "Ms." or "Dr." or "St." or "Mme."
            || (end - start == 2 && char.IsAsciiLetterUpper(text[start]) && text[start] != 'I' && text[start + 1] == '.');
    }
}
