using Perk.Core.Documents;
using Perk.Core.Tasks;
using Perk.Core.Tasks.StudentRecords;

namespace Perk.Core.Tests.Tasks.StudentRecords;

public sealed class StudentRecordsFileTests
{
    private const string Records = """
        {"Student Id":"1000001","Student Name":"A B","Year":"Junior","School":"S","Major":"M","Grade":"7"},
        {"Student Id":"1000002","Student Name":"C D","Year":"Senior","School":"S","Major":"N","Grade":"9"}
        """;

    private const string Question = """{"question":"What is the name of the student with ID 1000001?","answer":"A B"}""";

    [Theory]
    [InlineData("recall.json", "recall-name recall-major recall-grade recall-year recall-school")]
    [InlineData("relation.json", "relation-grade relation-major relation-school relation-year")]
    [InlineData("allgregation.json", "aggregate-highest aggregate-lowest aggregate-average")]
    public void New_AuthorsSample_IsReadAndItsAnswersAreConfirmed(string file, string kinds)
    {
        var task = new StudentRecordsFile(new() { Path = Sample(file), Questions = 8 });
        Assert.Equal(1, task.Draws);
        var problem = task.Problem(0);
        TaskChecks.CheckForm(problem);
        Assert.Equal(SegmentUnit.Line, problem.Unit);
        Assert.Equal(26, StudentSolver.Read(problem.Context.Split('\n')).Count);
        Assert.Equal(kinds, string.Join(' ', problem.Questions.Select(q => q.Kind)));
        foreach (var question in problem.Questions)
        {
            // 72 is more than 56, whatever the published answer says: gold answers are taken as they stand.
            var wrong = question.Text == "Does student 3109998 has a higher grade than student 1002030?";
            Assert.Equal(wrong ? "Yes" : question.Answers[0], StudentSolver.Solve(question, problem.Context));
            if (wrong) Assert.Equal("No", question.Answers[0]);
        }

        Assert.Equal(problem.Questions.Select(q => new GoldAnswer(q.Kind, q.Answers[0], 0)), task.TrainingAnswers());
    }

    [Fact]
    public void New_AuthorsSample_HasTheLinesThatTheTaskWrites() => Assert.StartsWith(
        "Student <3109998>, Name: Alison Keith, Year: Sophomore, School: School of Computer Information and Data Sciences, "
        + "Major: Computer Science, Grade: 72\nStudent <1778924>, Name: Ms. Sarah Stewart DDS, Year: Freshman, ",
        new StudentRecordsFile(new() { Path = Sample("recall.json") }).Problem(0).Context);

    [Fact]
    public void Draw_FewerQuestionsADraw_GivesTheRegisterAgain()
    {
        var task = new StudentRecordsFile(new() { Path = Sample("recall.json"), Questions = 2 });
        Assert.Equal([2, 2, 1], Enumerable.Range(0, task.Draws!.Value).Select(i => task.Problem(i).Questions.Count));
        Assert.Equal([0, 1, 2], Enumerable.Range(0, 3).Select(i => task.Problem(i).Index));
        Assert.Equal([0, 0, 1, 1, 2], task.TrainingAnswers().Select(a => a.Draw));
    }

    [Fact]
    public void Draw_LongerThanTheLength_IsDroppedByItsReason()
    {
        var tokens = new StudentRecordsFile(new() { Path = Sample("recall.json") }).Problem(0).ContextTokens;
        Assert.Null(Draw(tokens).Dropped);
        Assert.Equal(new Draw(null, "longer than the context length"), Draw(tokens - 1));

        static Draw Draw(int length) => new StudentRecordsFile(new() { Path = Sample("recall.json"), Length = length }).Draw(0);
    }

    [Fact]
    public void New_StudentNotInTheDatabase_IsUnanswerable()
    {
        using var folder = new TemporaryFolder();
        const string Stranger = """{"question":"Are student 1000001 and student 1000003 in the same year?","answer":"unknown"}""";
        var path = Write(folder, Records, Stranger);
        var question = Assert.Single(new StudentRecordsFile(new() { Path = path }).Problem(0).Questions);
        Assert.Equal(("relation-year", Answerability.Unanswerable), (question.Kind, question.Answerability));
        Assert.Empty(question.Support);
    }

    public static TheoryData<string, string, string> Wrong => new()
    {
        {
            Records,
            """{"question":"Who is 1000001?","answer":"A B"}""",
            "line 1, questions[0]: field 'question' has no known wording: \"Who is 1000001?\"."
        },
        { Records, Question + ",\"..\"", "line 1, questions[1]: a JSON object is expected." },
        { Records, "\"...\"", "line 1: field 'questions' has no question." },
        {
            Records,
            Question.Replace("1000001", "1000009"),
            "line 1, questions[0]: field 'answer' is 'A B', but the database lacks a student that the question names."
        },
        {
            Records,
            Question.Replace("A B", "unknown"),
            "line 1, questions[0]: field 'answer' is 'unknown', but the database has every student that the question names."
        },
        { "", Question, "line 1: field 'database' has no record." },
        { Records.Replace("\"7\"", "\"7.5\""), Question, "line 1, database[0]: field 'Grade' must be a text of digits." },
        {
            Records.Replace("\"9\"", "9"),
            Question,
            "line 1, database[1]: field 'Grade' must be a text with more than white space."
        },
        {
            Records.Replace("1000002", "1000001"),
            Question,
            "line 1, database[1]: field 'Student Id' is 1000001, which another record with other attributes has already."
        },
        {
            Records.Replace("C D", "C\\nD"),
            Question,
            "line 1, database[1]: field 'Student Name' holds a line end; a record is one line."
        },
        { Records.Replace("\"Year\"", "\"Years\""), Question, "line 1, database[0]: field 'Year' is missing." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void New_WrongFile_NamesRowAndField(string records, string questions, string message)
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder, records, questions);
        var wrong = Assert.Throws<TaskDataException>(() => new StudentRecordsFile(new() { Path = path }));
        Assert.Equal($"{path}: {message}", wrong.Message);
    }

    [Theory]
    [InlineData(0, null, "Questions is 0; a draw has at least 1.")]
    [InlineData(1, 0, "Length is 0 tokens; a register has at least 1.")]
    public void New_WrongOption_SaysWhatWouldBeRight(int questions, int? length, string message)
    {
        var options = new StudentRecordsFileOptions { Path = Sample("recall.json"), Questions = questions, Length = length };
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new StudentRecordsFile(options)).Message);
    }

    private static string Write(TemporaryFolder folder, string records, string questions)
    {
        var path = folder.File("register.json");
        File.WriteAllText(path, $$"""{"database":[{{records.ReplaceLineEndings("")}}],"questions":[{{questions}}]}""");
        return path;
    }

    private static string Sample(string file) => RepositoryFiles.Fixture("perk-samples", "student_records", file);
}
