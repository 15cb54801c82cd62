namespace Perk.Core.Tasks.BabiLong;

/// <summary>A context: natural text with the lines of a story between its sentences, in their order.</summary>
/// <param name="Built">The text.</param>
/// <param name="Lines">Where each line stands.</param>
internal sealed record StoryContext(ContextBuilder Built, IReadOnlyList<PlacedPiece> Lines)
{
    private const int StretchTokens = 1024;

    /// <summary>Puts it together.</summary>
    /// <param name="haystack">The text; at least <paramref name="length"/> tokens.</param>
    /// <param name="lines">The story, at least one line.</param>
    /// <param name="length">The most tokens; there are fewer only where no further sentence fits.</param>
    /// <param name="depth">Where the lines stand.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <returns>Null where the lines alone are longer.</returns>
    internal static StoryContext? Build(
        Haystack haystack, IReadOnlyList<string> lines, int length, NeedleDepth depth, Random random)
    {
        var lineTokens = lines.Sum(l => ContextBuilder.Count(" " + l));
        // What stands first has no white space before it, which may take a token more.
        var left = length - lineTokens - Math.Max(0, ContextBuilder.Count(lines[0]) - ContextBuilder.Count(" " + lines[0]));
        if (left < 0) return null;

        var sentences = haystack.Stretch(left, random);
        var gaps = Gaps(haystack, sentences, lineTokens, depth);
        int[] places = [.. lines.Select(_ => random.Next(gaps.First, gaps.Last + 1)).Order()];
        var built = new ContextBuilder();
        var placed = new List<PlacedPiece>();
        for (var gap = 0; gap <= sentences.Count; gap++)
        {
            while (placed.Count < lines.Count && places[placed.Count] == gap) placed.Add(built.Add(" ", lines[placed.Count]));
            if (gap < sentences.Count) built.Add(haystack[sentences[gap]].Separator, haystack[sentences[gap]].Text);
        }

        return new(built, placed);
    }

    /// <summary>The gaps that lines may stand in: gap i is before sentence i.</summary>
    private static (int First, int Last) Gaps(Haystack haystack, List<int> sentences, int lineTokens, NeedleDepth depth)
    {
        if (depth.Share is not { } share) return (0, sentences.Count);

        var before = new int[sentences.Count + 1];
        for (var i = 0; i < sentences.Count; i++) before[i + 1] = before[i] + haystack.Cost(sentences[i]);
        var stretch = Math.Min(before[^1], Math.Max(StretchTokens, 2 * lineTokens) - lineTokens);
        var first = Array.FindIndex(before, b => b >= share * (before[^1] - stretch));
        return (first, Array.FindLastIndex(before, b => b <= before[first] + stretch));
    }
}
