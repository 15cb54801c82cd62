namespace Perk.Core.Documents;

/// <summary>What came of a questions message.</summary>
/// <param name="Kind">Which of the four.</param>
/// <param name="Reason">Where it was not answered: why.</param>
public sealed record QuestionsOutcome(QuestionsOutcomeKind Kind, string? Reason)
{
    /// <summary>Every question has its answer.</summary>
    public static QuestionsOutcome Answered { get; } = new(QuestionsOutcomeKind.Answered, null);

    /// <summary>The document is not encoded yet: send the same message again, later.</summary>
    public static QuestionsOutcome Waiting { get; } = new(QuestionsOutcomeKind.Waiting, null);

    /// <summary>The questions cannot be answered; their answers say why.</summary>
    public static QuestionsOutcome Failed(string reason) => new(QuestionsOutcomeKind.Failed, reason);

    /// <summary>The message cannot be taken; its dead letter says why.</summary>
    public static QuestionsOutcome Refused(string reason) => new(QuestionsOutcomeKind.Refused, reason);
}

/// <summary>What can come of a questions message.</summary>
public enum QuestionsOutcomeKind
{
    /// <summary>Every question has its answer.</summary>
    Answered,

    /// <summary>The document is not encoded yet.</summary>
    Waiting,

    /// <summary>The questions have failed answers.</summary>
    Failed,

    /// <summary>The message has a dead letter.</summary>
    Refused,
}
