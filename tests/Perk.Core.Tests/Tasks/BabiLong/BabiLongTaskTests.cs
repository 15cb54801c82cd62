using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Perk.Core.Documents;
using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Core.Tests.Tasks.BabiLong;

public sealed class BabiLongTaskTests
{
    public static TheoryData<BabiLevel, bool> Sources => new(
        (BabiLevel.Qa1, false), (BabiLevel.Qa2, false), (BabiLevel.Qa3, false), (BabiLevel.Order, false),
        (BabiLevel.Qa1, true), (BabiLevel.Qa2, true), (BabiLevel.Qa3, true));

    [Theory]
    [MemberData(nameof(Sources))]
    public void Draw_AnyProblem_IsAnsweredByItsSupportAndByAllEvents(BabiLevel level, bool original)
    {
        foreach (var problem in Problems(Task(level, original) with { Questions = 4 }, 20))
        {
            Assert.Equal(SegmentUnit.Packed, problem.Unit);
            var lines = Babi.EventLines(problem.Context);
            foreach (var question in problem.Questions)
            {
                Assert.Equal(Answerability.Answerable, question.Answerability);
                Assert.Equal(Assert.Single(question.Answers), BabiSolver.Answer(question.Text, lines));
                Assert.Equal(question.Answers[0], BabiSolver.Answer(question.Text, question.Support.Select(s => s.Text)));
                Assert.Equal(question.Support.OrderBy(s => s.Offset), question.Support);
                foreach (var fact in question.Support)
                {
                    Assert.Equal(fact.Text, problem.Context.Substring(fact.Offset, fact.Text.Length));
                    Assert.Contains(fact.Text, lines);
                    var before = Gpt2Merges.Tokenizer.Count(problem.Context[..fact.Offset].TrimEnd());
                    Assert.Equal((double)before / problem.ContextTokens, fact.Depth);
                }
            }

            Assert.Equal(problem.Questions.Count, problem.Questions.Select(q => q.Text).Distinct().Count());
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Draw_AnyProblem_HoldsItsStoryInOrderAndIsAsLongAsAsked(BabiLevel level, bool original)
    {
        var options = Task(level, original);
        var task = new BabiLongTask(options, Babi.Hay);
        var stories = new StorySource(options, options.Split, options.WordsOrDefault);
        for (var i = 0; i < 20; i++)
        {
            var problem = task.Problem(i);
            var events = new Dictionary<string, int>();
            Assert.Equal(
                stories[i].Facts.Select(f => $"{f.Agent} Event {events[f.Agent] = events.GetValueOrDefault(f.Agent, -1) + 1}: {f.Text}"),
                Babi.EventLines(problem.Context));
            Assert.Equal(Gpt2Merges.Tokenizer.Count(problem.Context), problem.ContextTokens);
            Assert.InRange(problem.ContextTokens, options.Length - 16, options.Length);
            Assert.Equal(stories[i].Main.Text, problem.Questions[0].Text);
        }
    }

    [Fact]
    public void Draw_OriginalFile_AsksEveryStoryOnceAndAllItsQuestionsAlike()
    {
        var options = Task(BabiLevel.Qa1, original: true);
        var stories = new StorySource(options, options.Split, options.WordsOrDefault);
        Assert.Equal(160, new BabiLongTask(options, Babi.Hay).Draws);
        Assert.Equal(
            options.File!.Stories.Select(s => s.Facts[0].Text + s.Facts[1].Text).Order(),
            Enumerable.Range(0, 160).Select(i => stories[i].Facts[0].Text + stories[i].Facts[1].Text).Order());
        Assert.All(
            Enumerable.Range(0, 160).CountBy(i => stories[i].Facts.Count),
            c => Assert.True(c.Key is 2 or 4 or 6 or 8 or 10 && c.Value is > 16 and < 50, $"{c}"));
    }

    [Theory]
    [InlineData(BabiLevel.Qa2)]
    [InlineData(BabiLevel.Qa3)]
    public void Draw_QuestionAboutAnObject_IsLedToItsSupportByItsEchoAndTheHoldersEventsBackwards(BabiLevel level)
    {
        foreach (var problem in Problems(Task(level, false) with { Questions = 4 }, 30))
        {
            var events = Babi.EventLines(problem.Context);
            foreach (var question in problem.Questions)
            {
                var thing = Regex.Match(question.Text, @"the (\w+)").Groups[1].Value;
                // The last that happened to it, told from it.
                var handled = events.Last(e => Regex.IsMatch(e, $@" the {thing}( there)?\.$"));
                var holder = handled.Split(' ')[0];
                Assert.Equal(thing + handled[holder.Length..], question.Lead[0]);
                Assert.Contains(handled, question.Support.Select(s => s.Text));
                var back = question.Lead.Skip(1).ToList();
                Assert.All(back, line => Assert.Contains(line, events.Where(e => e.StartsWith(holder + " ", StringComparison.Ordinal))));
                // One after the other, down to the move that answers.
                var answers = question.Support.First(s => s.Text.Contains(" the " + question.Answers[0] + ".", StringComparison.Ordinal) && s.Text != handled).Text;
                var numbers = back.ConvertAll(Number);
                Assert.Equal(answers, back[^1]);
                Assert.Equal(Enumerable.Range(numbers[^1], numbers.Count).Reverse(), numbers);
            }
        }

        static int Number(string line) => int.Parse(line.Split(' ')[2].TrimEnd(':'), CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.25, 0.25)]
    [InlineData(0.5, 0.5)]
    [InlineData(1.0, 1.0)]
    public void Draw_Depth_PutsAllFactsInOneStretchThere(double depth, double share)
    {
        foreach (var problem in Problems(Task(BabiLevel.Qa2, false) with { Length = 8192, Depth = new(depth) }, 20))
        {
            var offsets = Babi.EventLines(problem.Context).Select(l => problem.Context.IndexOf(l, StringComparison.Ordinal)).ToList();
            var (first, last) = (Tokens(offsets.Min()), Tokens(offsets.Max()));
            var stretch = Math.Max(1024, 2 * Babi.EventLines(problem.Context).Sum(l => Gpt2Merges.Tokenizer.Count(" " + l)));
            var start = share * (problem.ContextTokens - stretch);
            Assert.InRange(first, start - 50, start + stretch);
            Assert.InRange(last, start, start + stretch + 50);

            int Tokens(int offset) => Gpt2Merges.Tokenizer.Count(problem.Context[..offset].TrimEnd());
        }
    }

    [Fact]
    public void Draw_RandomDepth_SpreadsFactsOverTheWholeContext()
    {
        var depths = Problems(Task(BabiLevel.Qa1, false) with { Length = 2048 }, 300)
            .Select(p => p.Questions[0].Support[0].Depth).ToList();
        Assert.True(depths.Min() < 0.1 && depths.Max() > 0.97, $"{depths.Min()} {depths.Max()}");
    }

    [Fact]
    public void Draw_StoryThatDoesNotFit_IsDroppedWithItsReason()
    {
        var task = new BabiLongTask(Task(BabiLevel.Qa3, false) with { Length = 512 }, Babi.Hay);
        var draws = Enumerable.Range(0, 40).Select(task.Draw).ToList();
        Assert.Equal(["story longer than the context"], draws.Where(d => d.Problem is null).Select(d => d.Dropped).Distinct());
        Assert.All(draws.Where(d => d.Problem is not null), d => Assert.InRange(d.Problem!.ContextTokens, 500, 512));
        Assert.Contains(draws, d => d.Problem is not null);
    }

    [Fact]
    public void Draw_WithoutEventPrefix_TellsTheFactsAsTheyAre()
    {
        var options = Task(BabiLevel.Qa2, true) with { EventPrefix = false };
        var stories = new StorySource(options, options.Split, options.WordsOrDefault);
        foreach (var problem in Problems(options, 10))
        {
            Assert.DoesNotContain("Event", problem.Context, StringComparison.Ordinal);
            Assert.All(problem.Questions, q => Assert.Empty(q.Lead));
            Assert.All(problem.Questions[0].Support, s => Assert.Contains(s.Text, stories[problem.Index].Facts.Select(f => f.Text)));
        }
    }

    [Theory]
    [InlineData(BabiLevel.Qa1)]
    [InlineData(BabiLevel.Qa2)]
    public void Draw_TrainSplit_HasNoWordOfTheTestLists(BabiLevel level)
    {
        foreach (var problem in Problems(Task(level, false) with { Split = TaskSplit.Train, Unknown = new(0.3, 0.3), Questions = 3 }, 60))
        {
            string[] words = [.. Babi.EventLines(problem.Context).Concat(problem.Questions.Select(q => q.Text))
                .SelectMany(l => l.Split([' ', '.', '?'])).Where(w => w.Length > 0)];
            Assert.Empty(words.Intersect([.. WorldLists.Test.Names, .. WorldLists.Test.Places, .. WorldLists.Test.Objects]));
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Draw_UnknownShares_AreKeptAndSuchQuestionsCannotBeAnswered(BabiLevel level, bool original)
    {
        var options = Task(level, original) with { Questions = 3, Unknown = new(0.25, 0.25) };
        var (task, questions) = (new BabiLongTask(options, Babi.Hay), new List<ProblemQuestion>());
        for (var i = 0; i < 60; i++)
        {
            var problem = task.Problem(i);
            questions.AddRange(problem.Questions);
            var lines = Babi.EventLines(problem.Context);
            foreach (var question in problem.Questions.Where(q => q.Answerability != Answerability.Answerable))
            {
                Assert.Equal([UnknownAnswer.Text], question.Answers);
                Assert.Empty(question.Support);
                Assert.Null(BabiSolver.Answer(question.Text, lines));
                // Who is asked about is of the same words as those who occur: the name alone tells nothing.
                var words = original ? WorldLists.Original : WorldLists.Test;
                Assert.Contains(question.Text.Split([' ', '?'], StringSplitOptions.RemoveEmptyEntries), w => words.Names.Contains(w) || words.Objects.Contains(w));
            }
        }

        Assert.Single(questions.Select(q => q.Kind).Distinct());
        // Where a story tells of everybody there is, there is nobody to ask about in vain.
        Assert.InRange(Share(q => q.Answerability != Answerability.Answerable), original ? 0.05 : 0.35, 0.65);
        if (!original) Assert.InRange(Share(q => q.Answerability == Answerability.OtherDocument), 0.12, 0.38);

        double Share(Func<ProblemQuestion, bool> which) => (double)questions.Count(which) / questions.Count;
    }

    [Fact]
    public void Draw_OtherDocumentQuestion_IsTheMainQuestionOfAFollowingDraw()
    {
        var options = Task(BabiLevel.Qa3, false) with { Unknown = new(0, 1) };
        var mains = new BabiLongTask(options with { Unknown = UnknownShares.None }, Babi.Hay);
        foreach (var problem in Problems(options, 5))
        {
            Assert.Equal(Answerability.OtherDocument, problem.Questions[0].Answerability);
            Assert.Contains(
                problem.Questions[0].Text,
                Enumerable.Range(problem.Index + 1, 16).Select(i => mains.Problem(i).Questions[0].Text));
        }
    }

    [Fact]
    public void TrainingAnswers_Simulation_AreOfOtherStoriesInTheSameWords()
    {
        var options = Task(BabiLevel.Qa2, false) with { Unknown = new(0.2, 0.1), Questions = 2 };
        var answers = new BabiLongTask(options, Babi.Hay).TrainingAnswers();
        Assert.InRange(answers.Count(a => a.Answer == UnknownAnswer.Text), 0.22 * answers.Count, 0.38 * answers.Count);
        Assert.Empty(answers.Select(a => a.Answer).Except([.. WorldLists.Test.Places, UnknownAnswer.Text]));
        Assert.All(answers, a => Assert.Equal(("where-is-object", (int?)null), (a.Kind, a.Draw)));

        var original = new BabiLongTask(options with { Lists = WorldLists.Original }, Babi.Hay).TrainingAnswers();
        Assert.Equal([.. WorldLists.Original.Places, UnknownAnswer.Text], original.Select(a => a.Answer).Distinct().Order());
    }

    [Fact]
    public void TrainingAnswers_FileWithUnknownQuestions_HaveUnknownInTheirShare()
    {
        var answers = new BabiLongTask(Task(BabiLevel.Qa1, true) with { Unknown = new(0.3, 0.2) }, Babi.Hay).TrainingAnswers();
        Assert.Equal(answers.Count / 2, answers.Count(a => a.Answer == UnknownAnswer.Text));
    }

    [Fact]
    public void TrainingAnswers_File_AreAllOfItEachWithItsDraw()
    {
        var options = Task(BabiLevel.Qa3, true);
        var task = new BabiLongTask(options, Babi.Hay);
        var answers = task.TrainingAnswers();
        Assert.Equal(options.File!.Stories.Sum(s => s.Questions.Count), answers.Count);
        Assert.Equal(
            options.File.Stories.SelectMany(s => s.Questions.Select(q => q.Question.Answer)).Order(),
            answers.Select(a => a.Answer).Order());
        foreach (var problem in Problems(options, 20))
            Assert.Contains(new GoldAnswer("where-was-object-before", problem.Questions[0].Answers[0], problem.Index), answers);
    }

    [Theory]
    [InlineData(BabiLevel.Qa1, false, "4c6fd88b1b316a1a")]
    [InlineData(BabiLevel.Qa2, true, "911293889f00e2f6")]
    [InlineData(BabiLevel.Qa3, false, "1e502ac38b7dd020")]
    [InlineData(BabiLevel.Order, false, "2f2aba1e8d394e40")]
    public void Draw_SameSeed_GivesTheSameBytesOnAnyMachine(BabiLevel level, bool original, string expected)
    {
        var options = Task(level, original) with { Questions = 3, Unknown = new(0.2, 0.2) };
        Assert.Equal(expected, Hash(Problems(options, 5)));
        Assert.NotEqual(expected, Hash(Problems(options with { Seed = 2 }, 5)));

        var task = new BabiLongTask(options, Babi.Hay);
        var backwards = Enumerable.Range(0, 5).Reverse().Select(task.Problem).Reverse();
        Assert.Equal(expected, Hash(backwards));

        static string Hash(IEnumerable<Problem> problems) =>
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(problems, Json.Compact))))[..16];
    }

    [Fact]
    public void Constructor_BadOptions_SaysWhatWouldBeRight()
    {
        var good = new BabiLongOptions();
        Bad(good with { Length = 31 }, "Length is 31; it must be at least 32.");
        Bad(good with { Questions = 0 }, "Questions is 0; it must be at least 1.");
        Bad(good with { PlacesPerStory = 1 }, "PlacesPerStory is 1; it must be at least 2.");
        Bad(good with { Level = (BabiLevel)9 }, "Level is 9; it must be one of Qa1, Qa2, Qa3, Order.");
        var file = Babi.File(BabiLevel.Qa2);
        Bad(
            good with { File = file },
            $"File is {file.Path}, whose questions are those of Qa2, but Level is Qa1; "
            + "take a file of that level, or Level Qa2.");

        static void Bad(BabiLongOptions options, string message) =>
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => new BabiLongTask(options, Babi.Hay)).Message);
    }

    [Fact]
    public void Draw_IndexOutOfRange_IsRefused()
    {
        var task = new BabiLongTask(Task(BabiLevel.Qa3, true), Babi.Hay);
        Assert.Throws<ArgumentOutOfRangeException>(() => task.Draw(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => task.Draw(60));
    }

    private static BabiLongOptions Task(BabiLevel level, bool original) => new()
    {
        Level = level,
        Length = level == BabiLevel.Qa3 ? 4096 : 2048,
        File = original ? Babi.File(level) : null,
    };

    private static IEnumerable<Problem> Problems(BabiLongOptions options, int count)
    {
        var task = new BabiLongTask(options, Babi.Hay);
        return Enumerable.Range(0, count).Select(task.Problem);
    }
}
