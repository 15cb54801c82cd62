using System.Globalization;
using System.Text.RegularExpressions;
using Perk.Core.Documents;
using Perk.Core.Tasks;
using Perk.Core.Tasks.StudentRecords;

namespace Perk.Core.Tests.Tasks.StudentRecords;

public sealed partial class StudentRecordsTaskTests
{
    private static readonly UnknownShares SomeUnknown = new(0.15, 0.15);

    [Theory]
    [InlineData(StudentQuestions.Recall, 1024, 8)]
    [InlineData(StudentQuestions.Recall, 256, 4)]
    [InlineData(StudentQuestions.Relation, 1024, 8)]
    [InlineData(StudentQuestions.Relation, 256, 4)]
    [InlineData(StudentQuestions.Aggregate, 1024, 3)]
    [InlineData(StudentQuestions.Aggregate, 300, 2)]
    public void Draw_ManyRegisters_SolverFindsEveryAnswerInTheSupport(StudentQuestions family, int length, int questions)
    {
        var task = Task(family, length, questions, unknown: Unknown(family));
        var most = 0;
        for (var i = 0; i < 60; i++)
        {
            var problem = task.Problem(i);
            most = Math.Max(most, problem.ContextTokens);
            TaskChecks.CheckForm(problem);
            Assert.Equal((i, SegmentUnit.Line, questions), (problem.Index, problem.Unit, problem.Questions.Count));
            Assert.InRange(problem.ContextTokens, length - 40, length);
            Assert.Distinct(problem.Questions.Select(q => q.Text));
            Assert.Distinct(StudentSolver.Read(problem.Context.Split('\n')).Select(s => s.Id));
            Assert.All(problem.Questions, q => Assert.Equal(StudentSolver.Solve(q, problem.Context), Assert.Single(q.Answers)));
        }

        Assert.InRange(most, length - 2, length);
    }

    [Fact]
    public void Draw_BothSplits_ShareNoIdNameOrCombination()
    {
        var (train, test) = (Students(TaskSplit.Train), Students(TaskSplit.Test));
        Disjoint(s => [s.Id]);
        Disjoint(s => s.Name.Split(' '));
        Disjoint(s => [$"{s.Year}|{s.School}|{s.Major}|{s.Grade}"]);
        Assert.True(train.Concat(test).GroupBy(s => s.Major).All(g => g.Select(s => s.School).Distinct().Count() == 1));

        void Disjoint(Func<Student, string[]> keys)
        {
            var (left, right) = (train.SelectMany(keys).ToHashSet(), test.SelectMany(keys).ToHashSet());
            Assert.InRange(Math.Min(left.Count, right.Count), 120, int.MaxValue);
            Assert.False(left.Overlaps(right));
        }

        static List<Student> Students(TaskSplit split) =>
        [
            .. Enumerable.Range(0, 25).Select(i => Task(StudentQuestions.Recall, 2048, split: split).Problem(i).Context)
                .SelectMany(context => StudentSolver.Read(context.Split('\n'))),
        ];
    }

    [Fact]
    public void Names_BothSplits_AreMoreThanSixtyAndDisjoint()
    {
        var (train, test) = (StudentNames.Of(TaskSplit.Train), StudentNames.Of(TaskSplit.Test));
        string[] all = [.. train.First, .. train.Last, .. test.First, .. test.Last];
        Assert.Distinct(all);
        Assert.All([train.First, train.Last, test.First, test.Last], list => Assert.InRange(list.Count, 60, 200));
        Assert.All(all, name => Assert.Matches("^[A-Z][a-z]+$", name));
    }

    [Fact]
    public void Draw_Relations_AnswerYesHalfTheTimeInEveryKind()
    {
        var task = Task(StudentQuestions.Relation, 1024, 16);
        var kinds = Enumerable.Range(0, 100).SelectMany(i => task.Problem(i).Questions).GroupBy(q => q.Kind).ToList();
        Assert.Equal(4, kinds.Count);
        foreach (var kind in kinds)
        {
            Assert.InRange(kind.Count(), 330, 470);
            Assert.InRange((double)kind.Count(q => q.Answers is ["Yes"]) / kind.Count(), 0.42, 0.58);
        }
    }

    [Theory]
    [InlineData(StudentQuestions.Aggregate, "aggregate-highest")]
    [InlineData(StudentQuestions.Aggregate, "aggregate-lowest")]
    [InlineData(StudentQuestions.Aggregate, "aggregate-average")]
    [InlineData(StudentQuestions.Recall, "recall-grade")]
    public void Draw_Grades_NoConstantAnswerIsOftenRight(StudentQuestions family, string kind)
    {
        foreach (var length in (int[])[512, 1536])
        {
            var task = Task(family, length, 3);
            var answers = Enumerable.Range(0, 1000).Select(i => task.Problem(i).Questions.FirstOrDefault(q => q.Kind == kind))
                .OfType<ProblemQuestion>().Take(200).Select(q => q.Answers[0]).ToList();
            Assert.Equal(200, answers.Count);
            Assert.InRange(answers.CountBy(a => a).Max(a => a.Value), 1, 15); // of 200: below 8 %
        }
    }

    [Theory]
    [InlineData(StudentQuestions.Recall, TaskSplit.Test)]
    [InlineData(StudentQuestions.Relation, TaskSplit.Train)]
    public void Draw_UnknownShares_AskAboutStudentsOfNoOrTheNextRegister(StudentQuestions family, TaskSplit split)
    {
        var task = Task(family, 1024, 8, split: split, unknown: new UnknownShares(0.25, 0.25));
        var ids = Enumerable.Range(0, 61).Select(i => Ids(task.Problem(i).Context)).ToList();
        var questions = task.Questions(60);
        foreach (var (index, question) in questions)
        {
            var strangers = Ids(question.Text).Where(id => !ids[index].Contains(id)).ToList();
            Assert.Equal(question.Answerability == Answerability.Answerable ? 0 : 1, strangers.Count);
            if (question.Answerability == Answerability.Unanswerable)
            {
                Assert.DoesNotContain(ids, some => some.Contains(strangers[0]));
                Assert.True(HeldOut.IsKey(strangers[0], split, told: false));
            }

            if (question.Answerability == Answerability.OtherDocument) Assert.Contains(strangers[0], ids[index + 1]);
        }

        foreach (var shall in (Answerability[])[Answerability.Unanswerable, Answerability.OtherDocument])
        {
            var some = questions.Where(q => q.Question.Answerability == shall).ToList();
            Assert.InRange((double)some.Count / questions.Count, 0.19, 0.31);
            Assert.Equal(family == StudentQuestions.Recall ? 5 : 4, some.Select(q => q.Question.Kind).Distinct().Count());
        }

        static HashSet<string> Ids(string text) => [.. Id().Matches(text).Select(m => m.Value)];
    }

    [Theory]
    [InlineData(StudentQuestions.Recall, 0, 0.03)]
    [InlineData(StudentQuestions.Recall, 0.5, 0.03)]
    [InlineData(StudentQuestions.Recall, 1, 0.03)]
    [InlineData(StudentQuestions.Relation, 0.25, 0.08)]
    public void Draw_Depth_SupportStandsThere(StudentQuestions family, double depth, double within)
    {
        var task = Task(family, 4096, 2, depth: new NeedleDepth(depth));
        for (var i = 0; i < 20; i++)
        {
            Assert.All(
                task.Problem(i).Questions.SelectMany(q => q.Support),
                s => Assert.InRange(s.Depth, depth - within, depth + within));
        }
    }

    [Fact]
    public void Draw_NoDepth_SupportStandsAnywhere()
    {
        var task = Task(StudentQuestions.Recall, 1024, 4);
        var depths = Enumerable.Range(0, 50).SelectMany(i => task.Problem(i).Questions).Select(q => q.Support[0].Depth).ToList();
        Assert.InRange(depths.Average(), 0.42, 0.55);
        Assert.InRange(depths.Count(d => d < 0.25), 35, 70);
        Assert.InRange(depths.Count(d => d > 0.75), 30, 65);
    }

    [Theory]
    [InlineData(StudentQuestions.Recall, "bbda63b96ec2a383")]
    [InlineData(StudentQuestions.Relation, "969bf3d98937ebe1")]
    [InlineData(StudentQuestions.Aggregate, "a00d23e6873efa19")]
    public void Draw_Seed_GivesTheSameBytesEverywhere(StudentQuestions family, string hash) =>
        Assert.Equal(hash, TaskChecks.Hash(Task(family, 1024, 3, unknown: Unknown(family)), 20)[..16]);

    [Fact]
    public void Draw_AnyOrder_GivesTheSameAndSeedsAndSplitsDiffer()
    {
        var task = Task(StudentQuestions.Recall, unknown: SomeUnknown);
        var late = TaskChecks.Json(task.Problem(7));
        _ = task.Problem(3);
        Assert.Equal(late, TaskChecks.Json(Task(StudentQuestions.Recall, unknown: SomeUnknown).Problem(7)));
        Assert.Equal(late, TaskChecks.Json(task.Problem(7)));
        Assert.NotEqual(task.Problem(7).Context, task.Problem(8).Context);
        Assert.NotEqual(task.Problem(7).Context, new StudentRecordsTask(new() { Seed = 1 }).Problem(7).Context);
    }

    [Theory]
    [InlineData(StudentQuestions.Recall, 5)]
    [InlineData(StudentQuestions.Relation, 4)]
    [InlineData(StudentQuestions.Aggregate, 3)]
    public void TrainingAnswers_EveryKind_ComeFromTheTrainingSplitInTheSameShares(StudentQuestions family, int kinds)
    {
        var unknown = Unknown(family);
        var answers = Task(family, 1024, unknown: unknown).TrainingAnswers();
        Assert.InRange(answers.Count, 500, 700);
        Assert.Equal(kinds, answers.Select(a => a.Kind).Distinct().Count());
        var share = (double)answers.Count(a => a.Answer == "unknown") / answers.Count;
        Assert.InRange(share, unknown.Unanswerable * 1.6, unknown.Unanswerable * 2.4);
        Assert.All(answers, a => Assert.Null(a.Draw));
        var (first, last) = StudentNames.Of(TaskSplit.Train);
        Assert.All(
            answers.Where(a => a.Kind == "recall-name" && a.Answer != "unknown").SelectMany(a => a.Answer.Split(' ')),
            name => Assert.Contains(name, first.Concat(last)));
    }

    [Fact]
    public void IsKey_Ids_HaveOneRoleThatTheirDigitsDoNotTell()
    {
        var ids = Enumerable.Range(1_000_000, 50_000).Select(i => i.ToString(CultureInfo.InvariantCulture)).ToList();
        (TaskSplit Split, bool Told)[] roles =
            [(TaskSplit.Train, true), (TaskSplit.Train, false), (TaskSplit.Test, true), (TaskSplit.Test, false)];
        Assert.All(ids, id => Assert.Single(roles, r => HeldOut.IsKey(id, r.Split, r.Told)));
        foreach (var digit in "0123456789")
        {
            Assert.InRange(ids.Count(id => id[^1] == digit && HeldOut.IsKey(id, TaskSplit.Test, told: false)), 400, 600);
            Assert.InRange(ids.Count(id => id[^1] == digit && HeldOut.IsKey(id, TaskSplit.Test, told: true)), 850, 1150);
        }
    }

    [Fact]
    public void Records_Any_HaveAtMostTheTokensThatAreCountedOn()
    {
        var (train, test) = (StudentNames.Of(TaskSplit.Train), StudentNames.Of(TaskSplit.Test));
        var name = $"{Longest(train.First.Concat(test.First))} {Longest(train.Last.Concat(test.Last))}";
        var id = Longest(Enumerable.Range(0, 5000).Select(i => $"{(i * 7919L) % 9_000_000 + 1_000_000}"));
        var year = Longest(School.Years);
        var longest = School.All.SelectMany(s => s.Majors, (s, m) => new StudentRecord(id, name, year, s.Name, m, 100))
            .Max(r => ContextBuilder.Count("\n" + r.Line));
        Assert.InRange(longest, 40, StudentRecordsTask.MostTokens);

        static string Longest(IEnumerable<string> words) => words.MaxBy(word => ContextBuilder.Count(" " + word))!;
    }

    public static TheoryData<StudentRecordsOptions, string> Wrong => new()
    {
        { new() { Length = 255 }, "Length is 255 tokens; a register takes at least 256." },
        { new() { Questions = 0 }, "Questions is 0; Recall over 1024 tokens takes 1 to 16." },
        { new() { Questions = 17 }, "Questions is 17; Recall over 1024 tokens takes 1 to 16." },
        { Aggregate with { Questions = 4 }, "Questions is 4; Aggregate over 1024 tokens takes 1 to 3." },
        { new() { Depth = new NeedleDepth(1.5) }, "Depth is 1.5; it must be random or from 0 to 1." },
        {
            Aggregate with { Depth = new NeedleDepth(0.5) },
            "Depth is 0.5; it must be random for Aggregate, which asks about all records."
        },
        {
            Aggregate with { Unknown = new UnknownShares(0.1, 0) },
            "Unknown has a share above 0; it must be 0 for Aggregate, which every register answers."
        },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void New_WrongOption_SaysWhatWouldBeRight(StudentRecordsOptions options, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new StudentRecordsTask(options)).Message);

    private static StudentRecordsOptions Aggregate => new() { Family = StudentQuestions.Aggregate };

    private static UnknownShares Unknown(StudentQuestions family) =>
        family == StudentQuestions.Aggregate ? UnknownShares.None : SomeUnknown;

    private static StudentRecordsTask Task(
        StudentQuestions family,
        int length = 1024,
        int questions = 1,
        TaskSplit split = TaskSplit.Test,
        NeedleDepth depth = default,
        UnknownShares? unknown = null) =>
        new(new()
        {
            Family = family,
            Length = length,
            Questions = questions,
            Split = split,
            Depth = depth,
            Unknown = unknown ?? UnknownShares.None,
        });

    [GeneratedRegex(@"\d{7}")]
    private static partial Regex Id();
}
