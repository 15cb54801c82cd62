using System.Text.RegularExpressions;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tasks.StudentRecords;
using Perk.Core.Training;

namespace Perk.Core.Tests.Training;

public sealed class ProblemMixtureTests
{
    private static readonly TextTokenizer Tokenizer = Gpt2Merges.Create(1791);

    private static readonly TrainRecipe Recipe = new()
    {
        Tasks = [new TaskShare { Task = "qa1", MinLength = 200, MaxLength = 400 }, new TaskShare { Task = "relation", Weight = 1, MinLength = 256, MaxLength = 512 }],
        Problems = 6,
        Questions = 3,
        SegmentTokens = 48,
        Amplification = new Amplification(1, 32),
        Seed = 1,
    };

    [Fact]
    public void Batch_SameStep_IsTheSameAndOtherStepsAreOthers()
    {
        Assert.Equal(Shown(Mixture().Batch(3)), Shown(Mixture().Batch(3)));
        Assert.NotEqual(Shown(Mixture().Batch(3)), Shown(Mixture().Batch(4)));
        Assert.NotEqual(Shown(Mixture().Batch(3)), Shown(Mixture(Recipe with { Seed = 2 }).Batch(3)));
    }

    [Fact]
    public void Batch_Questions_AskWithoutTheContextAndHaveLossOnTheAnswerAlone()
    {
        foreach (var problem in Enumerable.Range(0, 4).SelectMany(Mixture().Batch))
        {
            Assert.InRange(problem.Questions.Count, 1, 3);
            foreach (var question in problem.Questions)
            {
                var prompt = Array.FindIndex(question.Weights, w => w > 0);
                var asked = Tokenizer.Decode(question.Ids[..prompt]);
                Assert.Matches($@"^You have memorized {problem.Segments.Count} documents\.\n[^\n]+\?\nAnswer:$", asked);
                Assert.All(question.Weights[prompt..], w => Assert.True(w is 1 or 4));
                var answer = Tokenizer.Decode(question.Ids[prompt..]);
                Assert.Matches(@"^ <support> [\s\S]+</support>\n([^\n]+ [>=] [^\n]+ \?\n)?<output> [^<]+</output>$", answer);
                Assert.Equal(Tokenizer.EosId, question.Ids[^1]);
            }
        }
    }

    [Theory]
    [InlineData(Echo.None)]
    [InlineData(Echo.LastWord)]
    public void Batch_Echo_IsWrittenAndLedFromOnlyWhereTheInnerLoopHasIt(Echo echo)
    {
        var mixture = Mixture(Recipe with { Inner = new InnerLoopOptions { Echo = echo }, Tasks = [new TaskShare { Task = "qa2", MinLength = 200, MaxLength = 400 }] });
        foreach (var problem in mixture.Batch(0))
        {
            Assert.Equal(echo != Echo.None, problem.Segments.Any(s => s.IsEcho));
            foreach (var question in problem.Questions)
            {
                var text = Tokenizer.Decode(question.Ids);
                Assert.StartsWith($"You have memorized {problem.Segments.Count(s => !s.IsEcho)} documents.", text, StringComparison.Ordinal);
                var thing = Regex.Match(text, @"Where is the (\w+)\?").Groups[1].Value;
                Assert.Equal(echo != Echo.None, text.Contains($"Answer: {thing} Event ", StringComparison.Ordinal));
                Assert.Equal(echo == Echo.None, text.Contains("Answer: <support>", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void Segments_Amplified_AreThoseWithoutFactsAlone()
    {
        var mixture = Mixture();
        var problem = mixture.Validation(Recipe.Tasks[0], 0);
        var segments = mixture.Segments(problem, 5);
        Assert.Contains(segments, s => s.Scale == 5);
        Assert.Contains(segments, s => s.Scale == 1);
        foreach (var segment in segments)
        {
            var text = Tokenizer.Decode(segment.Ids);
            if (segment.Scale == 5) Assert.DoesNotContain(" Event ", text, StringComparison.Ordinal);
        }

        var told = string.Concat(segments.Where(s => s.Scale == 1).Select(s => Tokenizer.Decode(s.Ids)));
        Assert.All(problem.Facts, f => Assert.Contains(f.Text.Split(' ')[^1], told, StringComparison.Ordinal));
        Assert.All(mixture.Segments(problem), s => Assert.Equal(1, s.Scale));
        var register = mixture.Validation(Recipe.Tasks[1], 0);
        Assert.All(mixture.Segments(register, 5), s => Assert.Equal(1, s.Scale)); // Every line of a register is a fact.
    }

    [Fact]
    public void Batch_Words_AreOfTheTrainingListsAndNeverOfValidationsProblems()
    {
        var mixture = Mixture(Recipe with { Tasks = [Recipe.Tasks[0]] });
        var validated = Enumerable.Range(0, 20).Select(i => Told(mixture.Validation(Recipe.Tasks[0], i).Facts.Select(f => f.Text))).ToHashSet();
        var test = WorldLists.Test.Names.ToHashSet();
        foreach (var problem in Enumerable.Range(0, 10).SelectMany(mixture.Batch))
        {
            var text = string.Concat(problem.Segments.Select(s => Tokenizer.Decode(s.Ids)));
            Assert.DoesNotContain(text.Split([' ', '.', ':'], StringSplitOptions.RemoveEmptyEntries), test.Contains);
            Assert.DoesNotContain(Told(Regex.Matches(text, @"\w+ Event \d+: [^.]+\.").Select(m => m.Value)), validated);
        }

        static string Told(IEnumerable<string> facts) => string.Join(' ', facts);
    }

    [Fact]
    public void WideWorld_WordsOfBooks_AreOthersForEachProblemAndNeverThoseOfTheTest()
    {
        // Names and things by the dozen, some of the test's and bAbI's among them.
        string Letters(int i) => $"{(char)('a' + i / 26 % 26)}{(char)('a' + i % 26)}";
        string[] held = ["Mary", "Clara", .. WorldLists.Test.Names.Take(5)];
        var sentences = Enumerable.Range(0, 60).SelectMany(i => Enumerable.Repeat($"Then came K{Letters(i)}n to the b{Letters(i)}d, and slept.", 3))
            .Concat(held.SelectMany(name => Enumerable.Repeat($"Then came {name} to the garden, and slept in the {WorldLists.Test.Places[0]}.", 3)));
        var world = new WideWorld(Haystack.FromTexts(string.Join(' ', sentences)));
        var drawn = Enumerable.Range(0, 20).Select(i => world.Draw(new Random(i))).ToList();
        Assert.All(drawn, w => Assert.Equal((8, 8, 6), (w.Names.Count, w.Places.Count, w.Objects.Count)));
        Assert.All(drawn.SelectMany(w => w.Names), name => Assert.Matches("^K[a-z]{2}n$", name));
        Assert.All(drawn.SelectMany(w => w.Places.Concat(w.Objects)), thing => Assert.Matches("^b[a-z]{2}d$", thing));
        Assert.True(drawn.Select(w => string.Join(' ', w.Names)).Distinct().Count() > 15);
        Assert.Equal(drawn[3].Places, world.Draw(new Random(3)).Places);
        Assert.Contains("needs more text", Assert.Throws<ArgumentException>(() => new WideWorld(Hay.Stack)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StudentName_WordsOfBooks_AreNeverThoseOfTheTestRegisters()
    {
        string Letters(int i) => $"{(char)('a' + i / 26 % 26)}{(char)('a' + i % 26)}";
        var sentences = Enumerable.Range(0, 60).SelectMany(i => Enumerable.Repeat($"Then came K{Letters(i)}n to the b{Letters(i)}d, and slept.", 3))
            .Concat(StudentNames.Test.First.Take(30).SelectMany(name => Enumerable.Repeat($"Then came {name} to the garden.", 3)));
        var world = new WideWorld(Haystack.FromTexts(string.Join(' ', sentences)));
        var random = new Random(1);
        var words = Enumerable.Range(0, 200).SelectMany(_ => world.StudentName(random).Split(' ')).ToList();
        Assert.Equal(400, words.Count);
        Assert.DoesNotContain(words, StudentNames.Test.Contains);
        Assert.True(words.Distinct().Count() > 50);
    }

    [Fact]
    public void Weights_Content_IsNumbersNamesAndGoldAnswers()
    {
        const string Text = " <support> Mary Event 4: Mary went back to the garden.</support>\n<output> garden</output>";
        int[] ids = [.. Tokenizer.Encode(Text), Tokenizer.EosId];
        var weights = ContentWords.Weights(Tokenizer, Text, ids, ContentWords.Of(["garden"]), 5);
        var loud = string.Concat(ids.Zip(weights).Where(t => t.Second == 5).Select(t => Tokenizer.Decode([t.First])));
        Assert.Equal("Mary 4 Mary garden garden", string.Join(' ', loud.Split([' ', '>', '<'], StringSplitOptions.RemoveEmptyEntries)).Replace("gardengarden", "garden garden", StringComparison.Ordinal));
        Assert.Equal(1, weights[^1]);
    }

    [Fact]
    public void Weights_AnswerWithLinesThatLead_HasTheMarksBetweenLinesToo()
    {
        const string Text = " ball Event 1: Mary took the ball.\n<support> Mary took the ball.</support>\n<output> hall</output>";
        int[] ids = [.. Tokenizer.Encode(Text), Tokenizer.EosId];
        var loud = string.Concat(ids.Zip(ContentWords.Weights(Tokenizer, Text, ids, ContentWords.Of(["hall"]), 5)).Where(t => t.Second == 5).Select(t => Tokenizer.Decode([t.First])));
        Assert.Equal((2, 4), (loud.Count(c => c == '\n'), loud.Count(c => c == '<')));
    }

    [Fact]
    public void Weights_StepsBetweenSupportAndAnswer_AreContent()
    {
        const string Text = " <support> a line\n another</support>\nMajor: arts = film studies ?\n<output> No</output>";
        int[] ids = [.. Tokenizer.Encode(Text), Tokenizer.EosId];
        var loud = string.Concat(ids.Zip(ContentWords.Weights(Tokenizer, Text, ids, ContentWords.Of([]), 5)).Where(t => t.Second == 5).Select(t => Tokenizer.Decode([t.First])));
        Assert.StartsWith("Major: arts = film studies ?", loud.Trim());

        // The final answer may be louder still.
        var weights = ContentWords.Weights(Tokenizer, Text, ids, ContentWords.Of([]), 5, answerWeight: 40);
        Assert.Equal("No", string.Concat(ids.Zip(weights).Where(t => t.Second == 40).Select(t => Tokenizer.Decode([t.First]))).Trim(' ', '>', '<'));
        Assert.Contains(5, weights);
    }

    [Fact]
    public void Answer_Parsed_IsTheAnswerAndItsSupport()
    {
        var parsed = PromptFormat.Parse(PromptFormat.Answer([], ["a fact", "another"], ["72 > 65 ?"], "Yes"));
        Assert.Equal("Yes", parsed.Answer);
        Assert.Equal(["a fact", "another"], parsed.Support);
        Assert.Equal(
            " Z Event 1: b.\n<support> a fact\n another</support>\n72 > 65 ?\n<output> Yes</output>",
            PromptFormat.Answer(["Z Event 1: b."], ["a fact", "another"], ["72 > 65 ?"], "Yes"));
        Assert.Equal(" <output> Yes</output>", PromptFormat.Answer([], [], [], "Yes"));
    }

    private static ProblemMixture Mixture(TrainRecipe? recipe = null) => new(recipe ?? Recipe, Tokenizer, Hay.Stack, 1024);

    private static string Shown(IReadOnlyList<TrainingProblem> batch) => string.Join('\n', batch.Select(p =>
        string.Join(' ', p.Segments.SelectMany(s => s.Ids)) + string.Join(' ', p.Segments.Select(s => s.Scale)) + string.Join(' ', p.Questions.SelectMany(q => q.Ids))));
}
