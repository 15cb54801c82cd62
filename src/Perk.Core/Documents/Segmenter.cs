using Perk.Core.Models;

namespace Perk.Core.Documents;

/// <summary>
/// Cuts a text into segments for the inner loop: contiguous, in order, together exactly the text, none above the token limit.
/// </summary>
/// <remarks>
/// Each segment takes about as much text as fits and ends, in this order of preference, with a paragraph, a sentence, a line or a
/// word within its last third (where no sentence ends there, with one in the third before), else wherever the last word ends; a word is cut only when it alone is above the limit. White space
/// stays with the segment it ends. No segment goes beyond the options' unit. The time is linear in the text's length.
/// </remarks>
/// <param name="tokenizer">Counts the tokens.</param>
/// <param name="options">The limit and the unit.</param>
public sealed class Segmenter(TextTokenizer tokenizer, SegmenterOptions options)
{
    /// <summary>The segments of a text; none for an empty text.</summary>
    public IReadOnlyList<Segment> Cut(string text)
    {
        var segments = new List<Segment>();
        var window = options.MaxTokens * 4;
        for (int start = 0, limit = 0; start < text.Length;)
        {
            if (limit == start) limit = TextBoundaries.EndOfUnit(text, start, options.Unit);
            var reach = Reach(text, start, limit, ref window);
            var segment = Next(text, start, reach, limit, segments.Count);
            segments.Add(segment);
            start += segment.Length;
        }

        return segments;
    }

    /// <summary>How far the tokens of one segment reach, found in a window that follows the characters per token.</summary>
    private int Reach(string text, int start, int limit, ref int window)
    {
        while (true)
        {
            var end = (int)Math.Min((long)start + window, limit);
            while (!TextBoundaries.MayCut(text, end)) end--;
            var ids = tokenizer.Encode(text[start..end]);
            if (ids.Length > options.MaxTokens)
            {
                var length = Math.Min(tokenizer.Decode(ids.AsSpan(0, options.MaxTokens).ToArray()).Length, end - start);
                window = Math.Max(length + length / 4, options.MaxTokens);
                return start + Math.Max(length, 1);
            }

            if (end == limit) return end;
            window = window > int.MaxValue / 2 ? int.MaxValue : window * 2;
        }
    }

    /// <summary>The segment from <paramref name="start"/> to the best place not after <paramref name="reach"/>.</summary>
    private Segment Next(string text, int start, int reach, int limit, int index)
    {
        while (true)
        {
            var end = reach == limit ? reach : TextBoundaries.Best(text, start, reach);
            var piece = text[start..end];
            var count = tokenizer.Count(piece);
            if (count <= options.MaxTokens) return new(index, start, piece, count);

            // A piece alone may take a few tokens more than it took as the beginning of the window.
            reach = Math.Max(start + 1, Math.Min(end - 1, reach - (count - options.MaxTokens)));
        }
    }
}
