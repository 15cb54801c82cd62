using System.Globalization;

namespace Perk.Core.Tasks.StudentRecords;

/// <summary>Draws the records of a register.</summary>
/// <remarks>
/// Grades of a register lie between two bounds of its own: the lower one is uniform from 0 to 60, the upper one uniform from 20
/// above it to 100. So no constant answer is often right about the highest, the lowest or the average grade. Majors come
/// from 3 of the schools and at most 3 majors of each, so that students with the same major are common.
/// </remarks>
internal static class StudentRegister
{
    private const int SchoolsPerRegister = 3;
    private const int MajorsPerSchool = 3;
    private const int LowestBound = 60;
    private const int NarrowestWidth = 20;

    /// <summary>Records without end, each with an id of its own.</summary>
    /// <param name="random">The draw's numbers.</param>
    /// <param name="split">Whose ids, and names unless they are drawn otherwise.</param>
    /// <param name="name">Draws a name; null for the split's.</param>
    internal static IEnumerable<StudentRecord> Records(Random random, TaskSplit split, Func<Random, string>? name = null)
    {
        var names = StudentNames.Of(split);
        var schools = random.PickDistinct(School.All, SchoolsPerRegister)
            .ConvertAll(s => s with { Majors = random.PickDistinct(s.Majors, MajorsPerSchool) });
        var lowest = random.Next(LowestBound + 1);
        var highest = random.Next(lowest + NarrowestWidth, 101);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            var id = Id(random, split, told: true);
            if (!ids.Add(id)) continue;
            var record = new StudentRecord(id, name?.Invoke(random) ?? $"{random.Pick(names.First)} {random.Pick(names.Last)}", "", "", "", 0);
            do
            {
                var school = random.Pick(schools);
                record = record with
                {
                    Year = random.Pick(School.Years),
                    School = school.Name,
                    Major = random.Pick(school.Majors),
                    Grade = random.Next(lowest, highest + 1),
                };
            }
            while (!HeldOut.Belongs(Combination(record), split));
            yield return record;
        }
    }

    /// <summary>An id of a split: one that its registers may hold, or one that no register of any split ever holds.</summary>
    internal static string Id(Random random, TaskSplit split, bool told)
    {
        while (true)
        {
            var id = random.Next(1_000_000, 10_000_000).ToString(CultureInfo.InvariantCulture);
            if (HeldOut.IsKey(id, split, told)) return id;
        }
    }

    /// <summary>What of a record is disjoint between the splits as a whole.</summary>
    internal static string Combination(StudentRecord record) =>
        FormattableString.Invariant($"{record.Year}|{record.School}|{record.Major}|{record.Grade}");
}
