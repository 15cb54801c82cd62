namespace Perk.Core.Tasks.MultiDocument;

/// <summary>A row that a draw asks.</summary>
/// <param name="Row">The row.</param>
/// <param name="Answerability">Whether the context shall hold its answer.</param>
internal sealed record PlannedQuestion(DocumentQuestion Row, Answerability Answerability)
{
    /// <summary>The paragraphs that the context must hold: those of an impossible question, too, which only look like an answer.</summary>
    internal IReadOnlyList<Paragraph> Needed => Answerability == Answerability.OtherDocument ? [] : Row.Gold;

    /// <summary>What is right.</summary>
    internal IReadOnlyList<string> Answers => Answerability == Answerability.Answerable ? Row.Answers : [UnknownAnswer.Text];

    /// <summary>Whether one of some paragraphs may answer a question that shall have no answer, or one tells the same as its own.</summary>
    internal bool MayBeAnsweredBy(IReadOnlyCollection<Paragraph> paragraphs)
    {
        var excluded = new ExcludedParagraphs([Row]);
        return paragraphs.Any(p => excluded.Contains(p) && !Needed.Any(own => own.Block == p.Block));
    }
}
