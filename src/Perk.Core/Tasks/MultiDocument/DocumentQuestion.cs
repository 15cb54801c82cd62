namespace Perk.Core.Tasks.MultiDocument;

/// <summary>A row of a data set: a question, and the paragraphs it comes with.</summary>
internal sealed record DocumentQuestion
{
    /// <summary>See <see cref="ProblemQuestion.Kind"/>.</summary>
    internal required string Kind { get; init; }

    /// <summary>The question, on one line.</summary>
    internal required string Text { get; init; }

    /// <summary>Right answers, at least one; <see cref="UnknownAnswer.Text"/> where it is impossible.</summary>
    internal required IReadOnlyList<string> Answers { get; init; }

    /// <summary>The paragraphs that hold the answer, or that an impossible question seems to be about; at least one.</summary>
    internal required IReadOnlyList<Paragraph> Gold { get; init; }

    /// <summary>Paragraphs that were retrieved for it and do not count as gold.</summary>
    internal IReadOnlyList<Paragraph> Distractors { get; init; } = [];

    /// <summary>What the answer follows from, as far as the data set tells.</summary>
    internal IReadOnlyList<SupportSpan> Support { get; init; } = [];

    /// <summary>Whether its paragraphs look as if they answered it, but do not (SQuAD 2).</summary>
    internal bool Impossible { get; init; }
}
