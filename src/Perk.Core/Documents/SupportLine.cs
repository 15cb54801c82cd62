namespace Perk.Core.Documents;

/// <summary>A line that a model says its answer rests on, and whether the document says it.</summary>
/// <param name="Text">The line as the model said it.</param>
/// <param name="Offset">Where it stands in the document's text, in UTF-16 code units; null where it does not.</param>
/// <param name="Segment">The number of the segment it begins in; null where it does not stand there.</param>
public sealed record SupportLine(string Text, int? Offset, int? Segment)
{
    /// <summary>Looks a line up.</summary>
    /// <param name="line">The line.</param>
    /// <param name="text">The document's text.</param>
    /// <param name="segments">Its segments, in order.</param>
    public static SupportLine Find(string line, string text, IReadOnlyList<SegmentPosition> segments)
    {
        var wanted = line.Trim();
        var at = wanted.Length == 0 ? -1 : text.IndexOf(wanted, StringComparison.Ordinal);
        return at < 0 ? new SupportLine(line, null, null) : new SupportLine(line, at, segments.LastOrDefault(s => s.Offset <= at)?.Index);
    }
}
