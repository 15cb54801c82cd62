namespace Perk.Core.Tasks.StudentRecords;

/// <summary>One record of a register.</summary>
/// <param name="Id">The student's id, 7 digits.</param>
/// <param name="Name">First and last name.</param>
/// <param name="Year">Such as <c>Sophomore</c>.</param>
/// <param name="School">Such as <c>School of Engineering</c>.</param>
/// <param name="Major">One of the school's.</param>
/// <param name="Grade">From 0 to 100.</param>
internal sealed record StudentRecord(string Id, string Name, string Year, string School, string Major, int Grade)
{
    /// <summary>The record as it stands in a context.</summary>
    public string Line => FormattableString.Invariant(
        $"Student <{Id}>, Name: {Name}, Year: {Year}, School: {School}, Major: {Major}, Grade: {Grade}");
}
