namespace Perk.Core.Tasks.MultiDocument;

/// <summary>A row that a draw asks.</summary>
/// <param name="Row">The row.</param>
/// <param name="Answerability">Whether the context shall hold its answer.</param>
internal sealed record PlannedQuestion(DocumentQuestion Row, Answerability Answerability)
{
    /// <summary>The paragraphs that the context must hold, those of an impossible question, too.</summary>
    internal IReadOnlyList<Paragraph> Needed => Answerability == Answerability.OtherDocument ? [] : Row.Gold;

    /// <summary>What is right.</summary>
    internal IReadOnlyList<string> Answers => Answerability == Answerability.Answerable ? Row.Answers : [UnknownAnswer.Text];

    /// <summary>Whether one of some paragraphs, other than those it needs, may answer what shall have no answer.</summary>
    internal bool MayBeAnsweredBy(IReadOnlyCollection<Paragraph> paragraphs)
    {
        var excluded = new ExcludedParagraphs([Row]);
        return paragraphs.Any(p => excluded.Contains(p) && !Needed.Any(own => own.Block == p.Block));
    }
}
