using System.Globalization;

namespace Perk.Core.Tasks.StudentRecords;

/// <summary>Compares two students, Yes or No. Of two equal grades neither is asked to be the higher one.</summary>
internal sealed class RelationForm(
    string kind, string wording, string field, char sign, Func<StudentRecord, string> attribute, Func<StudentRecord, StudentRecord, bool?> holds)
    : QuestionForm(kind, wording)
{
    /// <summary>All of them.</summary>
    internal static IReadOnlyList<RelationForm> Forms { get; } =
    [
        new(
            "relation-grade",
            "Does student {0} has a higher grade than student {1}?",
            "Grade",
            '>',
            s => s.Grade.ToString(CultureInfo.InvariantCulture),
            (a, b) => a.Grade == b.Grade ? null : a.Grade > b.Grade),
        new("relation-major", "Does student {0} study the same major as student {1}?", "Major", '=', s => s.Major, (a, b) => a.Major == b.Major),
        new("relation-school", "Are student {0} and student {1} enrolled in the same school?", "School", '=', s => s.School, (a, b) => a.School == b.School),
        new("relation-year", "Are student {0} and student {1} in the same year?", "Year", '=', s => s.Year, (a, b) => a.Year == b.Year),
    ];

    /// <summary>
    /// A question whose answer is Yes or No by a fair coin, whatever the records; null where they do not have pairs for both,
    /// since else the kind alone would tell something about the answer.
    /// </summary>
    internal RegisterQuestion? Ask(Random random, IReadOnlyList<StudentRecord> records) =>
        (Pair(random, records, true), Pair(random, records, false)) is ({ } yes, { } no)
            ? random.Next(2) == 0 ? Question(yes, "Yes") : Question(no, "No")
            : null;

    private RegisterQuestion Question((StudentRecord A, StudentRecord B) pair, string answer) =>
        new(Kind, Text(pair.A.Id, pair.B.Id), answer, [pair.A, pair.B], Answerability.Answerable)
        {
            Steps = [$"{field}: {attribute(pair.A)} {sign} {attribute(pair.B)} ?"],
        };

    private (StudentRecord A, StudentRecord B)? Pair(Random random, IReadOnlyList<StudentRecord> records, bool wanted)
    {
        var start = random.Next(records.Count);
        for (var i = 0; i < records.Count; i++)
        {
            var a = records[(start + i) % records.Count];
            var partners = records.Where(b => b != a && holds(a, b) == wanted).ToList();
            if (partners.Count > 0) return (a, random.Pick(partners));
        }

        return null;
    }
}
