using System.Text.RegularExpressions;
using Perk.Core.Documents;
using Perk.Core.Tasks;
using Perk.Core.Tasks.Retrieval;

namespace Perk.Core.Tests.Tasks.Retrieval;

public sealed partial class KeyValueTaskTests
{
    private static readonly UnknownShares SomeUnknown = new(0.2, 0.2);

    [Theory]
    [InlineData(192, 2)]
    [InlineData(1024, 8)]
    public void Draw_ManyContexts_EveryValueStandsBesideItsKey(int length, int questions)
    {
        var task = new KeyValueTask(new() { Length = length, Questions = questions, Unknown = SomeUnknown });
        for (var i = 0; i < 60; i++)
        {
            var problem = task.Problem(i);
            TaskChecks.CheckForm(problem);
            Assert.Equal((i, SegmentUnit.Line, questions), (problem.Index, problem.Unit, problem.Questions.Count));
            Assert.InRange(problem.ContextTokens, length - 60, length);
            Assert.Distinct(problem.Questions.Select(q => q.Text));
            var values = Values(problem);
            foreach (var question in problem.Questions)
            {
                Assert.Equal("key-value", question.Kind);
                Assert.Equal(values.GetValueOrDefault(AskedKey(question), "unknown"), Assert.Single(question.Answers));
                if (question.Answerability == Answerability.Answerable)
                    Assert.Contains(question.Answers[0], Assert.Single(question.Support).Text);
            }
        }
    }

    [Fact]
    public void Draw_UnknownShares_AskForKeysOfNoOrTheNextContext()
    {
        var task = new KeyValueTask(new() { Questions = 8, Unknown = SomeUnknown });
        var questions = task.Questions(60);
        var keys = Enumerable.Range(0, 61).Select(i => Values(task.Problem(i)).Keys.ToHashSet()).ToList();
        foreach (var (index, question) in questions)
        {
            var key = AskedKey(question);
            Assert.Equal(question.Answerability == Answerability.Answerable, keys[index].Contains(key));
            Assert.Equal(question.Answerability == Answerability.OtherDocument, keys[index + 1].Contains(key));
            Assert.Equal(question.Answerability != Answerability.Unanswerable, HeldOut.IsKey(key, TaskSplit.Test, told: true));
            Assert.Equal(question.Answerability != Answerability.Unanswerable, keys.Exists(some => some.Contains(key)));
        }

        foreach (var shall in (Answerability[])[Answerability.Unanswerable, Answerability.OtherDocument])
            Assert.InRange((double)questions.Count(q => q.Question.Answerability == shall) / questions.Count, 0.15, 0.25);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void Draw_Depth_SupportStandsThere(double depth)
    {
        var task = new KeyValueTask(new() { Length = 4096, Depth = new NeedleDepth(depth) });
        for (var i = 0; i < 10; i++)
            Assert.InRange(Assert.Single(Assert.Single(task.Problem(i).Questions).Support).Depth, depth - 0.02, depth + 0.01);
    }

    [Fact]
    public void Draw_BothSplits_HaveKeysByTheRule()
    {
        foreach (var split in (TaskSplit[])[TaskSplit.Train, TaskSplit.Test])
        {
            var keys = Values(new KeyValueTask(new() { Split = split, Length = 4096 }).Problem(0)).Keys;
            Assert.All(keys, key => Assert.True(HeldOut.IsKey(key, split, told: true)));
        }
    }

    [Fact]
    public void Draw_Seed_GivesTheSameBytesEverywhere()
    {
        var task = new KeyValueTask(new() { Questions = 3, Unknown = SomeUnknown, Seed = 5 });
        Assert.Equal("3286b7887303e55c", TaskChecks.Hash(task, 20)[..16]);
    }

    [Fact]
    public void Draw_Seed_ChangesTheContext() => Assert.NotEqual(
        new KeyValueTask(new() { Seed = 1 }).Problem(0).Context, new KeyValueTask(new() { Seed = 2 }).Problem(0).Context);

    [Fact]
    public void TrainingAnswers_Shares_AreThoseOfTheOptions()
    {
        var answers = new KeyValueTask(new() { Unknown = SomeUnknown }).TrainingAnswers();
        Assert.InRange(answers.Count, 500, 700);
        Assert.InRange((double)answers.Count(a => a.Answer == "unknown") / answers.Count, 0.33, 0.47);
        Assert.All(answers, a => Assert.Equal("key-value", a.Kind));
        Assert.All(answers.Where(a => a.Answer != "unknown"), a => Assert.Matches(Uuid(), a.Answer));
    }

    public static TheoryData<KeyValueOptions, string> Wrong => new()
    {
        { new() { Length = 191 }, "Length is 191 tokens; pairs take at least 192." },
        { new() { Questions = 0 }, "Questions is 0; 1024 tokens take 1 to 10." },
        { new() { Questions = 11 }, "Questions is 11; 1024 tokens take 1 to 10." },
        { new() { Depth = new NeedleDepth(-0.5) }, "Depth is -0.5; it must be random or from 0 to 1." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void New_WrongOption_SaysWhatWouldBeRight(KeyValueOptions options, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new KeyValueTask(options)).Message);

    private static Dictionary<string, string> Values(Problem problem) => problem.Context.Split('\n').ToDictionary(
        line => Pair().Match(line).Groups[1].Value, line => Pair().Match(line).Groups[2].Value);

    private static string AskedKey(ProblemQuestion question) => Uuid().Match(question.Text).Value;

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")]
    private static partial Regex Uuid();

    [GeneratedRegex("^\"(.{36})\": \"(.{36})\"$")]
    private static partial Regex Pair();
}
