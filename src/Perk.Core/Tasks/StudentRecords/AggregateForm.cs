using System.Globalization;

namespace Perk.Core.Tasks.StudentRecords;

/// <summary>Asks for a number over the whole register.</summary>
internal sealed class AggregateForm(
    string kind,
    string wording,
    Func<IReadOnlyList<StudentRecord>, string> answer,
    Func<IReadOnlyList<StudentRecord>, StudentRecord?> holder)
    : QuestionForm(kind, wording)
{
    /// <summary>All of them. The average has one decimal place, halves away from zero, and follows from no few records.</summary>
    internal static IReadOnlyList<AggregateForm> Forms { get; } =
    [
        new(
            "aggregate-highest",
            "What is the highest grade among all students?",
            all => Text(all.Max(r => r.Grade)),
            all => all.MaxBy(r => r.Grade)),
        new(
            "aggregate-lowest",
            "What is the lowest grade among all students?",
            all => Text(all.Min(r => r.Grade)),
            all => all.MinBy(r => r.Grade)),
        new("aggregate-average", "What is the average grade of all students?", Average, _ => null),
    ];

    /// <summary>The question about a register.</summary>
    internal RegisterQuestion Ask(IReadOnlyList<StudentRecord> register) =>
        new(Kind, Text(), answer(register), Support([], register), Answerability.Answerable);

    /// <summary>The first record that holds the number.</summary>
    internal override IReadOnlyList<StudentRecord> Support(
        IReadOnlyList<StudentRecord> named, IReadOnlyList<StudentRecord> register) =>
        holder(register) is { } record ? [record] : [];

    private static string Text(int grade) => grade.ToString(CultureInfo.InvariantCulture);

    private static string Average(IReadOnlyList<StudentRecord> all)
    {
        var average = (decimal)all.Sum(r => r.Grade) / all.Count;
        return decimal.Round(average, 1, MidpointRounding.AwayFromZero).ToString("0.0", CultureInfo.InvariantCulture);
    }
}
