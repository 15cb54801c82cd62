namespace Perk.Core.Tasks.MultiDocument;

/// <summary>What a file of questions over paragraphs holds.</summary>
public sealed class QuestionSet
{
    /// <summary>Takes what was read.</summary>
    /// <exception cref="TaskDataException">No question can be asked.</exception>
    internal QuestionSet(string file, IReadOnlyList<DocumentQuestion> questions, IReadOnlyDictionary<string, int> dropped)
    {
        (File, Questions, Dropped) = (file, questions, dropped);
        if (questions.Any(q => !q.Impossible)) return;
        var reasons = string.Concat(dropped.Select(d => FormattableString.Invariant($" {d.Value} dropped: {d.Key}.")));
        throw new TaskDataException(file, "holds no question that can be answered." + reasons);
    }

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>How many questions can be asked.</summary>
    public int Count => Questions.Count;

    /// <summary>How many rows were left out, by reason.</summary>
    public IReadOnlyDictionary<string, int> Dropped { get; }

    internal IReadOnlyList<DocumentQuestion> Questions { get; }

    /// <summary>Paragraphs without questions of their own, to fill contexts with.</summary>
    internal IReadOnlyList<Paragraph> Fillers { get; init; } = [];

    /// <summary>Whether questions about the same paragraph are asked together.</summary>
    internal bool AsksByParagraph { get; init; }
}
