namespace Perk.Core.Documents;

/// <summary>What a segment never goes beyond.</summary>
public enum SegmentUnit
{
    /// <summary>Nothing but the token limit: paragraphs are packed together.</summary>
    Packed,

    /// <summary>The paragraph: text between empty lines. A paragraph over the limit is cut.</summary>
    Paragraph,

    /// <summary>The line, as in a register of one record a line. A line over the limit is cut.</summary>
    Line,
}
