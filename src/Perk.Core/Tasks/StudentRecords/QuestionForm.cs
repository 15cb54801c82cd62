using System.Text.RegularExpressions;

namespace Perk.Core.Tasks.StudentRecords;

/// <summary>A way to ask about a register, worded as in the PERK authors' samples.</summary>
/// <param name="kind">Its name, such as <c>recall-grade</c>.</param>
/// <param name="wording">The question, with <c>{0}</c> and <c>{1}</c> for the ids of students.</param>
internal abstract class QuestionForm(string kind, string wording)
{
    private readonly Regex _pattern = new(
        "^" + Regex.Replace(Regex.Escape(wording), @"\\\{[01]}", @"(\S+?)", RegexOptions.CultureInvariant) + "$",
        RegexOptions.CultureInvariant);

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<QuestionForm> All { get; } =
        [.. RecallForm.Forms, .. RelationForm.Forms, .. AggregateForm.Forms];

    /// <summary>See <see cref="ProblemQuestion.Kind"/>.</summary>
    internal string Kind => kind;

    /// <summary>The ids that a question of this form names, in order; null where it has another form.</summary>
    internal string[]? Ids(string question) =>
        _pattern.Match(question) is { Success: true } match ? [.. match.Groups.Values.Skip(1).Select(g => g.Value)] : null;

    /// <summary>The records that the answer follows from.</summary>
    /// <param name="named">Those whose ids the question names, in order.</param>
    /// <param name="register">All records.</param>
    internal virtual IReadOnlyList<StudentRecord> Support(
        IReadOnlyList<StudentRecord> named, IReadOnlyList<StudentRecord> register) => named;

    /// <summary>A question that the register does not answer, for it lacks a student.</summary>
    internal RegisterQuestion Unknown(Answerability answerability, params string[] ids) =>
        new(kind, Text(ids), UnknownAnswer.Text, [], answerability);

    /// <summary>The question about some students.</summary>
    protected string Text(params ReadOnlySpan<string> ids)
    {
        var text = wording;
        for (var i = 0; i < ids.Length; i++) text = text.Replace($"{{{i}}}", ids[i], StringComparison.Ordinal);
        return text;
    }
}

/// <summary>A question about a register.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">The question.</param>
/// <param name="Answer">The gold answer.</param>
/// <param name="Support">The records it follows from.</param>
/// <param name="Answerability">Whether the register holds the answer.</param>
internal sealed record RegisterQuestion(
    string Kind, string Text, string Answer, IReadOnlyList<StudentRecord> Support, Answerability Answerability)
{
    /// <summary>See <see cref="ProblemQuestion.Steps"/>.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];

    /// <summary>The question with its records as they stand in a context.</summary>
    internal ProblemQuestion WithSupport(IEnumerable<SupportingFact> facts) => new()
    {
        Kind = Kind,
        Text = Text,
        Answers = [Answer],
        Support = [.. facts],
        Steps = Steps,
        Answerability = Answerability,
    };
}
