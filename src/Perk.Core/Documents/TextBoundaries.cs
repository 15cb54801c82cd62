namespace Perk.Core.Documents;

/// <summary>Places where a text may be cut, ranked. A place is the offset of the character after the cut.</summary>
internal static class TextBoundaries
{
    /// <summary>How good a place is.</summary>
    internal enum Rank
    {
        /// <summary>Inside a word, or inside a run of white space.</summary>
        None,

        /// <summary>After white space, before a word.</summary>
        Word,

        /// <summary>After a line end.</summary>
        Line,

        /// <summary>After a sentence and the white space that follows it.</summary>
        Sentence,

        /// <summary>After an empty line, or after a line that ends a sentence.</summary>
        Paragraph,
    }

    /// <summary>The best cut of a piece that begins at <paramref name="start"/> and may go to <paramref name="reach"/>.</summary>
    /// <remarks>
    /// Of the last third the place of the highest rank, of equals the last; where no sentence ends in it, the last end of one in the third before, so that no
    /// short sentence is cut; where neither has any, the last place before a word; failing that, inside white space; and in the middle of a word only when
    /// it fills the whole piece.
    /// </remarks>
    /// <returns>
    /// An offset above <paramref name="start"/> and at most <paramref name="reach"/>, or just after a surrogate pair or a CR LF
    /// that begins the piece and goes beyond: neither is ever cut.
    /// </returns>
    internal static int Best(string text, int start, int reach)
    {
        var (best, rank) = (0, Rank.None);
        var (third, twoThirds) = (reach - (reach - start) / 3, reach - (reach - start) * 2 / 3);
        for (var at = reach; at > start && (at >= third || rank == Rank.None || (at >= twoThirds && rank < Rank.Sentence)); at--)
        {
            var found = RankOf(text, at);
            if (found > rank && (at >= third || rank == Rank.None || found >= Rank.Sentence)) (best, rank) = (at, found);
            if (rank == Rank.Paragraph) break;
        }

        if (rank != Rank.None) return best;

        var white = reach;
        while (white > start && !(char.IsWhiteSpace(text[white - 1]) && MayCut(text, white))) white--;
        if (white > start) return white;

        if (!MayCut(text, reach)) reach--;
        return reach > start ? reach : start + 2; // a pair that begins the piece is not cut
    }

    /// <summary>Whether a cut leaves surrogate pairs and Windows line ends whole.</summary>
    internal static bool MayCut(string text, int at) =>
        at <= 0 || at >= text.Length
        || !(char.IsSurrogatePair(text[at - 1], text[at]) || (text[at - 1] == '\r' && text[at] == '\n'));

    /// <summary>The rank of a place, 0 &lt; at &lt; the text's length.</summary>
    internal static Rank RankOf(string text, int at)
    {
        if (!char.IsWhiteSpace(text[at - 1]))
            return EndsUnspacedSentence(text[at - 1]) && !IsCloser(text[at]) ? Rank.Sentence : Rank.None;
        if (char.IsWhiteSpace(text[at])) return Rank.None;

        var (lineEnds, before) = (0, at - 1);
        for (; before >= 0 && char.IsWhiteSpace(text[before]) && lineEnds < 2; before--)
        {
            if (IsLineEnd(text, before)) lineEnds++;
        }

        if (lineEnds >= 2) return Rank.Paragraph;
        while (before >= 0 && IsCloser(text[before])) before--;
        var sentence = before >= 0 && (text[before] is '.' or '!' or '?' or '…' || EndsUnspacedSentence(text[before]));
        return (sentence, lineEnds) switch
        {
            (true, 1) => Rank.Paragraph,
            (true, _) => Rank.Sentence,
            (_, 1) => Rank.Line,
            _ => Rank.Word,
        };
    }

    /// <summary>Where the unit that holds a place ends, the white space after it included.</summary>
    internal static int EndOfUnit(string text, int start, SegmentUnit unit)
    {
        if (unit == SegmentUnit.Packed) return text.Length;
        var (wanted, lineEnds, begun) = (unit == SegmentUnit.Line ? 1 : 2, 0, false);
        for (var at = start; at < text.Length; at++)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                if (IsLineEnd(text, at)) lineEnds++;
                continue;
            }

            if (begun && lineEnds >= wanted) return at;
            (begun, lineEnds) = (true, 0);
        }

        return text.Length;
    }

    private static bool IsLineEnd(string text, int at) => text[at] is '\n' or '\u2028' or '\u2029'
        || (text[at] == '\r' && (at + 1 == text.Length || text[at + 1] != '\n'));

    /// <summary>Ends of sentences in scripts that put no space after them.</summary>
    private static bool EndsUnspacedSentence(char c) => c is '。' or '！' or '？' or '．';

    /// <summary>Quotes and brackets that may stand between a sentence's end and the space.</summary>
    private static bool IsCloser(char c) => c is '"' or '\'' or '”' or '’' or '»' or ')' or ']' or '」' or '』' or '）';
}
