using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Perk.Core.Documents;
using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.MultiDocument;

namespace Perk.Core.Tests.Tasks.MultiDocument;

public sealed class MultiDocumentTaskTests
{
    private static readonly QuestionSet HotpotQa = HotpotQaFile.Read(DataFiles.HotpotQa);
    private static readonly QuestionSet Squad = SquadFile.Read(DataFiles.Squad);
    private static readonly QuestionSet Api = ApiBenchFile.Read(DataFiles.ApiBench, DataFiles.ApiDescriptions);
    private static readonly QuestionSet Towers = DataFiles.Read(NaturalQuestionsFile.Read, DataFiles.LostInTheMiddle(300));

    public static TheoryData<string, int, int, string> Goldens => new()
    {
        { "hotpotqa", 4096, 3, "5fb81cd7ba499324" },
        { "squad", 1024, 5, "4b87587b1a26003e" },
        { "api", 2048, 2, "16ae8b821c154b9b" },
        { "nq", 2048, 4, "8e17daa9dafaa2a8" },
    };

    [Theory]
    [MemberData(nameof(Goldens))]
    public void Draw_SameSeed_GivesTheSameBytes(string name, int length, int questions, string sha256)
    {
        var draws = Problems(Task(name, new() { Length = length, Questions = questions, Seed = 7, Unknown = new(0, 0.2) }));
        var bytes = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(draws, Json.Compact));
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]);
    }

    [Theory]
    [InlineData("hotpotqa", 1024, 1)]
    [InlineData("hotpotqa", 6000, 4)]
    [InlineData("squad", 600, 3)]
    [InlineData("squad", 1200, 8)]
    [InlineData("api", 1500, 1)]
    [InlineData("api", 4000, 5)]
    [InlineData("nq", 300, 2)]
    [InlineData("nq", 8192, 20)]
    public void Draw_AnyLength_IsFilledWithWholeDifferentParagraphs(string name, int length, int questions)
    {
        var set = SetOf(name);
        var paragraphs = set.Questions.SelectMany(q => q.Gold.Concat(q.Distractors)).Concat(set.Fillers);
        var known = paragraphs.Select(p => p.Block).ToHashSet();
        var problems = Problems(Task(name, new() { Length = length, Questions = questions }));
        Assert.NotEmpty(problems);
        Assert.All(problems, problem =>
        {
            Assert.Equal(SegmentUnit.Paragraph, problem.Unit);
            Assert.Equal(Gpt2Merges.Tokenizer.Count(problem.Context), problem.ContextTokens);
            var blocks = problem.Context.Split("\n\n");
            Assert.Equal(blocks.Length, blocks.Distinct().Count());
            Assert.All(blocks, block => Assert.Contains(block, known));
            var shortest = known.Except(blocks).Min(b => Gpt2Merges.Tokenizer.Count("\n\n" + b));
            Assert.InRange(problem.ContextTokens, length - blocks.Max(Gpt2Merges.Tokenizer.Count), length);
            if (known.Count - blocks.Length < 64) Assert.True(problem.ContextTokens + shortest > length); // all others were tried
        });
    }

    [Theory]
    [InlineData("hotpotqa", 1500, 5)]
    [InlineData("hotpotqa", 6000, 1)]
    [InlineData("squad", 900, 10)]
    [InlineData("api", 4000, 20)]
    [InlineData("nq", 2000, 3)]
    public void Draw_ParagraphsOfDifferentLengths_LeavesLittleRoom(string name, int length, double tokens) => Assert.InRange(
        Problems(Task(name, new() { Length = length, Questions = 1 })).Average(p => length - p.ContextTokens), 0, tokens);

    [Theory]
    [InlineData("hotpotqa", 6000)]
    [InlineData("squad", 1000)]
    [InlineData("api", 3000)]
    [InlineData("nq", 1000)]
    public void Draw_EveryQuestion_HasItsGoldAndLiteralSupport(string name, int length)
    {
        var rows = SetOf(name).Questions.ToLookup(q => q.Text);
        foreach (var problem in Problems(Task(name, new() { Length = length, Questions = 3 })))
        {
            var blocks = problem.Context.Split("\n\n");
            Assert.All(problem.Questions, question =>
            {
                var row = rows[question.Text]
                    .First(r => r.Gold.All(g => blocks.Contains(g.Block)) && r.Answers.SequenceEqual(question.Answers));
                Assert.Equal((row.Kind, Answerability.Answerable), (question.Kind, question.Answerability));
                Assert.Equal(DataFiles.SupportOf(row), question.Support.Select(s => s.Text));
                Assert.All(question.Support, s =>
                {
                    Assert.Equal(s.Text, problem.Context.Substring(s.Offset, s.Text.Length));
                    var before = Gpt2Merges.Tokenizer.Count(problem.Context[..s.Offset]);
                    Assert.Equal((double)before / problem.ContextTokens, s.Depth, 4.0 / problem.ContextTokens);
                });
                if (question.Answers[0] is not ("yes" or "no"))
                    Assert.Contains(row.Gold, g => question.Answers.Any(a => g.Block.Contains(a, StringComparison.Ordinal)));
            });
        }
    }

    [Theory]
    [InlineData("hotpotqa", 6000)]
    [InlineData("squad", 1200)]
    [InlineData("api", 4000)]
    [InlineData("nq", 2000)]
    public void Draw_WithADepth_PutsTheGoldThereAndChangesNothingElse(string name, int length)
    {
        var depths = new[] { "pre", "0.25", "mid", "post", "random" }
            .Select(d => Problems(Task(name, new() { Length = length, Questions = 2, Depth = NeedleDepth.Parse(d) }))).ToArray();
        for (var i = 0; i < depths[0].Count; i++)
        {
            var (pre, mid, post) = (depths[0][i], depths[2][i], depths[3][i]);
            Assert.All(depths, d => Assert.Equal(Sorted(pre), Sorted(d[i])));
            Assert.All(depths, d => Assert.Equal(pre.Questions.Select(q => q.Text), d[i].Questions.Select(q => q.Text)));
            var gold = GoldOf(name, pre);
            Assert.Equal(gold.Order(), Blocks(pre).Take(gold.Count).Order());
            Assert.Equal(gold.Order(), Blocks(post).TakeLast(gold.Count).Order());
            foreach (var (problem, share) in new[] { (depths[1][i], 0.25), (mid, 0.5) })
            {
                var blocks = Blocks(problem);
                var first = blocks.FindIndex(gold.Contains);
                Assert.Equal(gold.Order(), blocks.GetRange(first, gold.Count).Order());
                var (before, others) = (Tokens(blocks.Take(first)), Tokens(blocks.Except(gold)));
                Assert.InRange(Math.Abs(before - (share * others)), 0, blocks.Max(b => Tokens([b])) / 2.0 + 1);
            }
        }

        static string[] Sorted(Problem problem) => [.. Blocks(problem).Order(StringComparer.Ordinal)];
        static int Tokens(IEnumerable<string> blocks) => blocks.Sum(b => Gpt2Merges.Tokenizer.Count("\n\n" + b));
    }

    [Fact]
    public void Draw_RandomDepth_SpreadsTheGold()
    {
        var problems = Problems(Task("nq", new() { Length = 1000, Questions = 1 }));
        var depths = problems.Select(p => p.Questions[0].Support[0].Depth).ToArray();
        Assert.Equal(300, depths.Length);
        for (var tenth = 0; tenth < 10; tenth++)
            Assert.InRange(depths.Count(d => d >= tenth / 10.0 && d < (tenth + 1) / 10.0), 10, 60);
    }

    [Theory]
    [InlineData("hotpotqa", 3)]
    [InlineData("squad", 4)]
    [InlineData("api", 4)]
    [InlineData("nq", 7)]
    public void Draws_AllTogether_AskEveryRowOnce(string name, int questions)
    {
        var set = SetOf(name);
        var length = name switch { "hotpotqa" => 8000, "api" => 4000, _ => 1000 };
        var task = Task(name, new() { Length = length, Questions = questions });
        Assert.Equal((set.Count + questions - 1) / questions, task.Draws);
        var asked = Problems(task).SelectMany(p => p.Questions).Select(q => (q.Text, q.Answers[0])).Order();
        Assert.Equal(set.Questions.Select(q => (q.Text, q.Answers[0])).Order(), asked);
        Assert.Throws<ArgumentOutOfRangeException>(() => task.Draw(task.Draws!.Value));
    }

    [Fact]
    public void Draw_QuestionsOfOneParagraph_ComeTogether()
    {
        var problems = Problems(Task("squad", new() { Length = 800, Questions = 5 }));
        Assert.InRange(problems.Average(p => GoldOf("squad", p).Count), 1, 2.5); // 106 questions on 12 paragraphs
    }

    [Fact]
    public void Draw_AnotherSeed_AsksInAnotherOrder()
    {
        string First(long seed) => Task("nq", new() { Length = 500, Seed = seed }).Draw(0).Problem!.Context;
        Assert.Equal(First(1), First(1));
        Assert.NotEqual(First(1), First(2));
    }

    [Theory]
    [InlineData("hotpotqa", 6000)]
    [InlineData("squad", 700)]
    [InlineData("api", 2500)]
    [InlineData("nq", 2000)]
    public void Draw_OtherDocuments_AreNowhereInTheContext(string name, int length)
    {
        var rows = SetOf(name).Questions.ToLookup(q => q.Text);
        var problems = Problems(Task(name, new() { Length = length, Questions = 4, Unknown = new(0, 0.5) }));
        var questions = problems.SelectMany(p => p.Questions.Select(q => (Problem: p, Question: q))).ToArray();
        var other = questions.Where(q => q.Question.Answerability == Answerability.OtherDocument).ToArray();
        Assert.InRange(other.Length, questions.Length / 5, questions.Length * 4 / 5);
        Assert.All(other, q =>
        {
            Assert.Equal([UnknownAnswer.Text], q.Question.Answers);
            Assert.Empty(q.Question.Support);
            Assert.Contains(rows[q.Question.Text], row => row.Kind == q.Question.Kind && IsNotTold(row, q.Problem));
        });

        static bool IsNotTold(DocumentQuestion row, Problem problem) =>
            row.Answers.All(a => a is "yes" or "no" || !OneLine.HoldsWords(problem.Context, a))
            && row.Gold.All(g => !problem.Context.Contains(g.Text, StringComparison.Ordinal))
            && row.Gold.All(g => g.Title is null || Blocks(problem).All(b => b.Split(": ")[0] != g.Title));
    }

    [Fact]
    public void Draw_ImpossibleQuestions_StandWithTheirParagraphAndAreUnknown()
    {
        var set = DataFiles.Read(SquadFile.Read, WithImpossible());
        var options = new MultiDocumentOptions { Length = 400, Questions = 4, Unknown = new(0.4, 0.1) };
        var problems = Problems(new MultiDocumentTask("squad", set, options));
        var impossible = problems.SelectMany(p => p.Questions.Select(q => (Problem: p, Question: q)))
            .Where(q => q.Question.Answerability == Answerability.Unanswerable).ToArray();
        Assert.InRange(impossible.Length, 10, 40); // 24 are expected
        foreach (var (problem, question) in impossible)
        {
            Assert.Equal([UnknownAnswer.Text], question.Answers);
            var row = set.Questions.Single(r => r.Text == question.Text);
            Assert.True(row.Impossible);
            Assert.Contains(row.Gold[0].Block, Blocks(problem));
            Assert.Single(Blocks(problem), b => b.StartsWith(row.Gold[0].Title + ": ", StringComparison.Ordinal));
        }

        var none = Problems(new MultiDocumentTask("squad", set, new() { Length = 400, Questions = 4 }));
        Assert.DoesNotContain(none.SelectMany(p => p.Questions), q => q.Text.StartsWith("Who broke", StringComparison.Ordinal));
    }

    [Fact]
    public void Draw_AnotherDescriptionOfTheGold_StaysOut()
    {
        Paragraph[] of = [new(null, "<api>a()</api> first", "a()"), new(null, "<api>b()</api>", "b()"), new(null, "<api>c()</api>", "c()")];
        var question = new DocumentQuestion { Kind = QuestionKind.ApiCall, Text = "Do a.", Answers = ["a()"], Gold = [of[0]] };
        var set = new QuestionSet("file", [question], DroppedRows.Count("", 0))
        {
            Fillers = [.. of, new(null, "<api>a()</api> again", "a()"), new(null, "<api>d()</api> is the longest of all of these", "d()")],
        };
        for (var seed = 0; seed < 5; seed++)
        {
            var problem = new MultiDocumentTask("api", set, new() { Length = 38, Seed = seed }).Draw(0).Problem!;
            Assert.Contains("first", problem.Context);
            Assert.DoesNotContain("again", problem.Context);
        }
    }

    [Fact]
    public void TrainingAnswers_WithUnknowns_AreThoseOfTheDraws()
    {
        var task = Task("nq", new() { Length = 4000, Questions = 3, Unknown = new(0, 0.3) });
        var expected = Problems(task).SelectMany(p => p.Questions.Select(q => new GoldAnswer(q.Kind, q.Answers[0], p.Index)));
        Assert.Equal(expected, task.TrainingAnswers());
    }

    [Fact]
    public void Draw_WhatDoesNotFit_SaysWhy()
    {
        Assert.Equal("gold paragraphs longer than the context", Task("hotpotqa", new() { Length = 20 }).Draw(0).Dropped);
        Assert.Equal("the file has fewer tokens than the context length", Task("api", new() { Length = 20_000 }).Draw(0).Dropped);
        var one = DataFiles.Read(NaturalQuestionsFile.Read, DataFiles.LostInTheMiddle(1));
        var draw = new MultiDocumentTask("nq", one, new() { Length = 30, Unknown = new(0, 1) }).Draw(0);
        Assert.Equal((null, "no question about another document is free of this one"), (draw.Problem, draw.Dropped));
    }

    [Fact]
    public void Draw_GoldOfSomeQuestionsOnlyFits_AsksThose()
    {
        var problem = Task("nq", new() { Length = 100, Questions = 10 }).Draw(0).Problem!;
        Assert.InRange(problem.Questions.Count, 2, 4); // a tower takes some 28 tokens
        Assert.InRange(problem.ContextTokens, 80, 100);
    }

    [Fact]
    public void Constructor_OptionsOutOfRange_NamesThem()
    {
        AssertWrong("Length 0 is not possible; use at least 1 token.", new() { Length = 0 });
        AssertWrong("Questions -1 is not possible; ask at least 1 a context.", new() { Length = 9, Questions = -1 });
        AssertWrong("Depth 1.5 is not possible; use a share from 0 to 1.", new() { Length = 9, Depth = new(1.5) });
        AssertWrong(
            $"A share of 0.1 unanswerable questions is not possible: {DataFiles.HotpotQa} has none. "
            + "Use 0, or a file with impossible questions such as SQuAD 2.",
            new() { Length = 9, Unknown = new(0.1, 0) });

        static void AssertWrong(string message, MultiDocumentOptions options) =>
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => Task("hotpotqa", options)).Message);
    }

    private static QuestionSet SetOf(string name) =>
        name switch { "hotpotqa" => HotpotQa, "squad" => Squad, "api" => Api, _ => Towers };

    private static MultiDocumentTask Task(string name, MultiDocumentOptions options) => new(name, SetOf(name), options);

    private static List<Problem> Problems(MultiDocumentTask task) =>
        [.. Enumerable.Range(0, task.Draws!.Value).Select(task.Draw).Select(d => d.Problem).OfType<Problem>()];

    private static List<string> Blocks(Problem problem) => [.. problem.Context.Split("\n\n")];

    /// <summary>The gold blocks of a problem's questions.</summary>
    private static HashSet<string> GoldOf(string name, Problem problem)
    {
        var blocks = Blocks(problem);
        var rows = SetOf(name).Questions.ToLookup(q => q.Text);
        var asked = problem.Questions.Select(q => rows[q.Text].First(r => r.Gold.All(g => blocks.Contains(g.Block))));
        return [.. asked.SelectMany(r => r.Gold).Select(g => g.Block)];
    }

    private static string WithImpossible() => JsonSerializer.Serialize(new
    {
        data = Enumerable.Range(0, 30).Select(i => new
        {
            title = $"Tower {i}",
            paragraphs = new[] { $"{7000 + i} bells it has, all of them old.", $"{8000 + i} days ago it was built on a hill." }
                .Select((context, j) => new
            {
                context,
                qas = new object[]
                {
                    new { question = $"What of tower {i} in {j}?", answers = new[] { new { text = context[..4], answer_start = 0 } } },
                    new { question = $"Who broke tower {i} in {j}?", is_impossible = true, answers = Array.Empty<object>() },
                },
            }),
        }),
    });
}
