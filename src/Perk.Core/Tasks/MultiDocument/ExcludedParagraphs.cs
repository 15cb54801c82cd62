namespace Perk.Core.Tasks.MultiDocument;

/// <summary>What must not stand in a context where some questions shall have no answer.</summary>
/// <param name="rows">Those questions.</param>
/// <remarks>
/// Out are their own paragraphs and those that tell the same, all paragraphs of the same titles, and any that holds one of their
/// answers as words (yes and no aside).
/// </remarks>
internal sealed class ExcludedParagraphs(IReadOnlyCollection<DocumentQuestion> rows)
{
    private readonly HashSet<string> _keys = rows.SelectMany(r => r.Gold).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
    private readonly HashSet<string> _titles =
        rows.SelectMany(r => r.Gold).Select(g => g.Title).OfType<string>().ToHashSet(StringComparer.Ordinal);

    private readonly string[] _answers = [.. rows.Where(r => !r.Impossible).SelectMany(r => r.Answers).Where(Tells)];

    /// <summary>Whether a paragraph must stay out.</summary>
    internal bool Contains(Paragraph paragraph) =>
        _keys.Contains(paragraph.Key)
        || (paragraph.Title is { } title && _titles.Contains(title))
        || _answers.Any(answer => OneLine.HoldsWords(paragraph.Block, answer));

    private static bool Tells(string answer) =>
        !answer.Equals("yes", StringComparison.OrdinalIgnoreCase) && !answer.Equals("no", StringComparison.OrdinalIgnoreCase);
}
