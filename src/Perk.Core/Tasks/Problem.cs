using Perk.Core.Documents;

namespace Perk.Core.Tasks;

/// <summary>A context and the questions about it.</summary>
public sealed record Problem
{
    /// <summary>The draw it came from.</summary>
    public required int Index { get; init; }

    /// <summary>The text to be remembered, as a document.</summary>
    public required string Context { get; init; }

    /// <summary>What a segment of it never goes beyond.</summary>
    public required SegmentUnit Unit { get; init; }

    /// <summary>Its length in tokens of GPT-2's full tokenizer.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>Where the facts stand that somebody scattered in other text; empty where the whole text is of one kind.</summary>
    public IReadOnlyList<SupportingFact> Facts { get; init; } = [];

    /// <summary>At least one question.</summary>
    public required IReadOnlyList<ProblemQuestion> Questions { get; init; }
}

/// <summary>A question with what is right.</summary>
public sealed record ProblemQuestion
{
    /// <summary>
    /// What kind of question it is to one who has not read the context, such as <c>where-is-person</c>: unanswerable questions
    /// have the kind of the answerable ones that look like them.
    /// </summary>
    public required string Kind { get; init; }

    /// <summary>The question.</summary>
    public required string Text { get; init; }

    /// <summary>The gold answers, at least one; any of them is right.</summary>
    public required IReadOnlyList<string> Answers { get; init; }

    /// <summary>The facts it follows from, in the order of reasoning; empty where none are known, or none exist.</summary>
    public IReadOnlyList<SupportingFact> Support { get; init; } = [];

    /// <summary>
    /// Lines before the support that a model is trained to write where documents are written with an echo
    /// (<see cref="MetaLearning.Echo"/>): the way from what is asked about to its support, each line beginning with what is known when it is written.
    /// They are no part of what is scored.
    /// </summary>
    public IReadOnlyList<string> Lead { get; init; } = [];

    /// <summary>
    /// Lines between the support and the answer that a model is trained to write, such as the comparison <c>Grade: 72 > 65 ?</c>; they are
    /// no part of what is scored.
    /// </summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>Whether the context holds the answer.</summary>
    public Answerability Answerability { get; init; }
}

/// <summary>Whether a context holds the answer to a question.</summary>
public enum Answerability
{
    /// <summary>It does.</summary>
    Answerable,

    /// <summary>It does not, and nothing else does: somebody who never occurs is asked about.</summary>
    Unanswerable,

    /// <summary>It does not, but another document of the set does.</summary>
    OtherDocument,
}

/// <summary>A fact that an answer follows from.</summary>
/// <param name="Text">The line as it stands in the context.</param>
/// <param name="Offset">Where it begins in the context, in UTF-16 code units.</param>
/// <param name="Depth">The share of the context's tokens before it, 0 to 1.</param>
public sealed record SupportingFact(string Text, int Offset, double Depth);

/// <summary>What is right where a context does not hold the answer.</summary>
public static class UnknownAnswer
{
    /// <summary>The gold answer of such questions.</summary>
    public const string Text = "unknown";
}
