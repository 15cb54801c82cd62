using System.Globalization;
using System.Text.RegularExpressions;
using Perk.Core.Tasks;

namespace Perk.Core.Tests.Tasks.StudentRecords;

/// <summary>Answers questions about a register from its text, written without a look at the task's own code.</summary>
internal static partial class StudentSolver
{
    /// <summary>The records of some lines.</summary>
    internal static List<Student> Read(IEnumerable<string> lines) =>
    [
        .. lines.Select(line =>
        {
            Assert.Matches(Record(), line);
            string[] fields = [.. Record().Match(line).Groups.Values.Select(g => g.Value)];
            var grade = int.Parse(fields[6], CultureInfo.InvariantCulture);
            return new Student(fields[1], fields[2], fields[3], fields[4], fields[5], grade);
        }),
    ];

    /// <summary>The answer: to questions about students from the supporting lines only, to others from the context.</summary>
    internal static string Solve(ProblemQuestion question, string context)
    {
        var ids = Id().Matches(question.Text).Select(m => m.Value).ToArray();
        var all = Read(context.Split('\n'));
        var told = Read(question.Support.Select(s => s.Text));
        if (ids.Length > 0 && ids.Any(id => all.TrueForAll(s => s.Id != id))) return "unknown";

        var named = ids.Select(id => told.Find(s => s.Id == id)!).ToArray();
        Assert.Equal(ids, told.Select(s => s.Id).Take(ids.Length));
        return (question.Kind, question.Text) switch
        {
            ("recall-name", var q) when q.StartsWith("What is the name", StringComparison.Ordinal) => named[0].Name,
            ("recall-year", var q) when q.StartsWith("Which year", StringComparison.Ordinal) => named[0].Year,
            ("recall-school", var q) when q.StartsWith("Which school", StringComparison.Ordinal) => named[0].School,
            ("recall-major", var q) when q.StartsWith("What major", StringComparison.Ordinal) => named[0].Major,
            ("recall-grade", var q) when q.StartsWith("What is the grade", StringComparison.Ordinal) => $"{named[0].Grade}",
            ("relation-grade", var q) when q.Contains("higher grade") => Higher(named[0].Grade, named[1].Grade),
            ("relation-major", var q) when q.Contains("same major") => YesNo(named[0].Major == named[1].Major),
            ("relation-school", var q) when q.Contains("same school") => YesNo(named[0].School == named[1].School),
            ("relation-year", var q) when q.Contains("same year") => YesNo(named[0].Year == named[1].Year),
            ("aggregate-highest", var q) when q.Contains("highest") => OfHolder(all.Max(s => s.Grade)),
            ("aggregate-lowest", var q) when q.Contains("lowest") => OfHolder(all.Min(s => s.Grade)),
            ("aggregate-average", var q) when q.Contains("average") => OneDecimal(all.Sum(s => s.Grade), all.Count),
            var other => throw new InvalidOperationException($"{other}"),
        };

        string OfHolder(int grade)
        {
            Assert.Equal(all.Find(s => s.Grade == grade), Assert.Single(told)); // the first that holds it
            return $"{grade}";
        }
    }

    /// <summary>In whole numbers: tenths, halves up (no grade is negative).</summary>
    private static string OneDecimal(int sum, int count)
    {
        var tenths = (20 * sum + count) / (2 * count);
        return $"{tenths / 10}.{tenths % 10}";
    }

    private static string Higher(int a, int b) => a == b ? "neither" : YesNo(a > b);

    private static string YesNo(bool holds) => holds ? "Yes" : "No";

    [GeneratedRegex(
        @"^Student <(\d{7})>, Name: ([^,]+), Year: (Freshman|Sophomore|Junior|Senior), "
        + @"School: ([^,]+), Major: ([^,]+), Grade: (0|[1-9]\d?|100)$")]
    private static partial Regex Record();

    [GeneratedRegex(@"\d{7}")]
    private static partial Regex Id();
}

/// <summary>A record as the solver reads it.</summary>
internal sealed record Student(string Id, string Name, string Year, string School, string Major, int Grade);
