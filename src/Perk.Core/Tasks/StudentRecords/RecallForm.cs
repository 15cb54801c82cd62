using System.Globalization;

namespace Perk.Core.Tasks.StudentRecords;

/// <summary>Asks for one attribute of one student.</summary>
internal sealed class RecallForm(string kind, string wording, Func<StudentRecord, string> attribute) : QuestionForm(kind, wording)
{
    /// <summary>All of them.</summary>
    internal static IReadOnlyList<RecallForm> Forms { get; } =
    [
        new("recall-name", "What is the name of the student with ID {0}?", r => r.Name),
        new("recall-year", "Which year is student with ID {0} in?", r => r.Year),
        new("recall-school", "Which school is the student with ID {0} enrolled in?", r => r.School),
        new("recall-major", "What major is student with ID {0} studying?", r => r.Major),
        new("recall-grade", "What is the grade of the student with ID {0}?", r => r.Grade.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>The question about a student of the register.</summary>
    internal RegisterQuestion Ask(StudentRecord record) =>
        new(Kind, Text(record.Id), attribute(record), [record], Answerability.Answerable);
}
