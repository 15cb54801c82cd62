namespace Perk.Core.Documents;

/// <summary>A contiguous piece of a document's text.</summary>
/// <param name="Index">Its place among the document's segments, from 0.</param>
/// <param name="Offset">Where it begins in the text, in UTF-16 code units.</param>
/// <param name="Text">Its text.</param>
/// <param name="TokenCount">The tokens of its text encoded alone, without special tokens.</param>
public sealed record Segment(int Index, int Offset, string Text, int TokenCount)
{
    /// <summary>Its length in UTF-16 code units.</summary>
    public int Length => Text.Length;
}
