namespace Perk.Core.Tasks.MultiDocument;

/// <summary>A paragraph of a data set: one block of a context.</summary>
internal sealed record Paragraph
{
    /// <summary>Takes a paragraph; title and text come on one line each.</summary>
    /// <param name="title">Its title, or null.</param>
    /// <param name="text">Its text, not blank.</param>
    /// <param name="key">What makes it tell the same as another one; the text where null.</param>
    internal Paragraph(string? title, string text, string? key = null)
    {
        Title = title is null || OneLine.Of(title) is "" ? null : OneLine.Of(title);
        Text = OneLine.Of(text);
        if (Text.Length == 0) throw new ArgumentException("A paragraph is not blank.", nameof(text));
        Key = key ?? Text;
        Block = Title is null ? Text : $"{Title}: {Text}";
    }

    /// <summary>Its title; null without one.</summary>
    internal string? Title { get; }

    /// <summary>Its text.</summary>
    internal string Text { get; }

    /// <summary>Paragraphs of one key tell the same: the text, or the call that an API description is about.</summary>
    internal string Key { get; }

    /// <summary>The line that stands in a context.</summary>
    internal string Block { get; }

    /// <summary>Where the text begins in the block.</summary>
    internal int TextStart => Block.Length - Text.Length;
}

/// <summary>A part of a gold paragraph that an answer follows from.</summary>
/// <param name="Gold">Which of the question's gold paragraphs.</param>
/// <param name="Start">Where it begins in the paragraph's block, in UTF-16 code units.</param>
/// <param name="Length">Its length in UTF-16 code units.</param>
internal sealed record SupportSpan(int Gold, int Start, int Length);
