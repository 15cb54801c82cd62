namespace Perk.Core.Tasks.StudentRecords;

/// <summary>A school and what can be studied there.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Majors">Its majors, which no other school has.</param>
internal sealed record School(string Name, IReadOnlyList<string> Majors)
{
    /// <summary>All schools; the first three are those of the PERK authors' sample, as it spells them.</summary>
    internal static IReadOnlyList<School> All { get; } =
    [
        new(
            "School of Computer Information and Data Sciences",
            [
                "Computer Science", "Cybersecurity", "Data Science", "Software Engineering", "Information Systems",
                "Artificial Intelligence", "Human-Computer Interaction", "Network Administration",
            ]),
        new(
            "School of Arts and Humanities",
            [
                "Spanish Language & Literature", "Drama & Theatre Arts", "Religious Studies", "Economics",
                "Art History; Criticism & Conservation", "Film Cinema Studies", "Classics & Classical Literatures", "History",
                "Comparative Literature", "Psychology",
            ]),
        new(
            "School of Engineering",
            [
                "Engineering & Industrial Management", "Biomedical Engineering", "Space Engineering", "Civil Engineering",
                "Electrical & Electronics Engineering", "Environmental engineering", "Mechanical Engineering",
                "Chemical Engineering",
            ]),
        new(
            "School of Business",
            ["Accounting", "Finance", "Marketing", "Human Resources", "Supply Chain Management", "Hospitality Management"]),
        new(
            "School of Natural Sciences",
            ["Mathematics", "Physics", "Chemistry", "Molecular Biology", "Geology", "Astronomy", "Marine Science"]),
    ];

    /// <summary>The years of study.</summary>
    internal static IReadOnlyList<string> Years { get; } = ["Freshman", "Sophomore", "Junior", "Senior"];
}
