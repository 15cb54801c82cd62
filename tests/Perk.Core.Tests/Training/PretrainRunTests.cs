using System.Text.Json;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Training;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Training;

/// <summary>Pretrainings of a few steps of a tiny model: what is learned, written and gone on with.</summary>
public sealed class PretrainRunTests : IDisposable
{
    private static readonly PretrainRecipe Recipe = new()
    {
        Name = "tiny",
        Merges = 300,
        Model = new PretrainModel { HiddenSize = 16, Layers = 2, Heads = 2, HeadSize = 12, KeyValueHeads = 2, IntermediateSize = 24, MaxPositions = 1024 },
        HeldOutBooks = ["held-out"],
        Mixture =
        [
            new MixtureShare { Kind = MixtureKind.Text, Weight = 2, Tokens = 64 },
            new MixtureShare { Kind = MixtureKind.Retelling, Weight = 1 },
            new MixtureShare { Kind = MixtureKind.Comparisons, Weight = 1 },
        ],
        Steps = 6,
        Batch = 3,
        Tokens = 256,
        LearningRate = 0.01,
        Warmup = 1,
        CheckpointEvery = 2,
        Seed = 1,
    };

    private readonly TemporaryFolder _folder = new();

    public PretrainRunTests()
    {
        Directory.CreateDirectory(PathOf("books"));
        File.WriteAllText(PathOf("books", "told.txt"), string.Join('\n', Enumerable.Range(0, 400).Select(i => $"The old mill number {i} stood by the river. Nobody came there.")));
        File.WriteAllText(PathOf("books", "held-out.txt"), string.Join('\n', Enumerable.Range(0, 400).Select(i => $"Queequeg was number {i} of the crew. He slept.")));
    }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_ToItsEnd_WritesAModelThatLoadsAndHasLearned()
    {
        var run = Run("run", Recipe with { Steps = 30 });
        var folder = run.Run(cancel: Now);
        Assert.Equal(30, run.Metrics.Count);
        Assert.True(run.Metrics.TakeLast(5).Average(m => m.Loss) < 0.8 * run.Metrics.Take(5).Average(m => m.Loss));

        using var model = ModelFolder.Load(folder, CPU);
        var tokenizer = TextTokenizer.Load(folder);
        Assert.Equal((557, 556, 557), (tokenizer.VocabularySize, tokenizer.EosId, model.VocabularySize));
        Assert.Equal(tokenizer.Encode("Student <3109998>, Grade: 72"), Gpt2Merges.Create(300, TokenizerFamily.Qwen2).Encode("Student <3109998>, Grade: 72"));
        Assert.Equal(3, tokenizer.Encode(" 72").Length); // a digit a token
        Assert.Contains("tiny", File.ReadAllText(Path.Combine(folder, "README.md")), StringComparison.Ordinal);
        Assert.Contains("\"head_dim\": 12", File.ReadAllText(Path.Combine(folder, "config.json")), StringComparison.Ordinal);
        Assert.Contains("Qwen2ForCausalLM", File.ReadAllText(Path.Combine(folder, "config.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_StoppedAndGoneOnWith_EndsInTheSameBytes()
    {
        Run("whole").Run(cancel: Now);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run("parts").Run(new StopAfter(stop, 3), stop.Token));
        Assert.Equal(3, Summary("parts").Steps);
        var rest = Run("parts");
        rest.Run(cancel: Now);
        Assert.Equal([1, 2, 3, 4, 5, 6], rest.Metrics.Select(m => m.Step));
        foreach (var file in (string[])["model/model.safetensors", "model/config.json", "model/vocab.json", "training/state.safetensors"])
            Assert.Equal(File.ReadAllBytes(PathOf("whole", file)), File.ReadAllBytes(PathOf("parts", file)));

        var (whole, parts) = (Summary("whole"), Summary("parts"));
        Assert.Equal((6, whole.Tokens, null), (parts.Steps, parts.Tokens, parts.BestStep));
        Assert.All(rest.Metrics, m => Assert.InRange(m.PeakMemoryBytes, 10_000_000, parts.PeakMemoryBytes));
        using var curves = SkiaSharp.SKBitmap.Decode(PathOf("parts", "curves.png"));
        Assert.True(curves.Pixels.Distinct().Count() > 10);
    }

    [Fact]
    public void Run_SharedAmongWorkers_EndsInTheSameWeights()
    {
        var recipe = Recipe with { Batch = 24, Steps = 3 };
        var (one, three) = (Run("one", recipe).Run(cancel: Now), Run("three", recipe with { Workers = 3 }).Run(cancel: Now));
        Assert.Equal(File.ReadAllBytes(Path.Combine(one, "model.safetensors")), File.ReadAllBytes(Path.Combine(three, "model.safetensors")));
    }

    [Fact]
    public void Batch_ContentWeight_WeighsNamesAndAnswersMoreThanForm()
    {
        var tokenizer = Gpt2Merges.Create(1791, TokenizerFamily.Qwen2);
        var recipe = Recipe with
        {
            Merges = 1791, Tokens = 768, Mixture = [new MixtureShare { Kind = MixtureKind.StoryQuestions, Weight = 1, ContentWeight = 5 }],
        };
        var books = Perk.Core.Tasks.BabiLong.Haystack.FromFolder(PathOf("books"), except: recipe.HeldOutBooks);
        foreach (var (ids, weights) in new PretrainMixture(recipe, tokenizer, books).Batch(0).Select(s => s.Sequence))
        {
            var content = tokenizer.Decode(ids.Zip(weights).Where(t => t.Second == 5).Select(t => t.First));
            Assert.Matches(@"\d", content);
            Assert.DoesNotContain("support", content, StringComparison.Ordinal);
            Assert.Contains(weights, w => w == 1);
        }
    }

    [Fact]
    public void Open_AnotherRecipeOrHeldOutBookThatIsNotThere_SaysSo()
    {
        Run("run");
        Assert.Contains("holds another run", Assert.Throws<ArgumentException>(() => Run("run", Recipe with { Seed = 2 })).Message, StringComparison.Ordinal);
        var error = Assert.Throws<Perk.Core.Tasks.TaskDataException>(() => Run("other", Recipe with { HeldOutBooks = ["moby-dick"] }));
        Assert.Contains("has no text named 'moby-dick'; it has held-out, told", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batch_EachKind_IsWellFormedAndHasNoWordOfTheHeldOutBook()
    {
        var tokenizer = Gpt2Merges.Create(1791, TokenizerFamily.Qwen2);
        var recipe = Recipe with
        {
            Merges = 1791,
            Tokens = 768,
            Batch = 12,
            Mixture = [.. Enum.GetValues<MixtureKind>().Select(kind => new MixtureShare { Kind = kind, Weight = 1, Questions = kind is MixtureKind.Records or MixtureKind.StoryQuestions ? 3 : 1 })],
        };
        var books = Perk.Core.Tasks.BabiLong.Haystack.FromFolder(PathOf("books"), except: recipe.HeldOutBooks);
        var samples = Enumerable.Range(0, 10).SelectMany(new PretrainMixture(recipe, tokenizer, books).Batch).ToList();
        Assert.Equal(Enum.GetValues<MixtureKind>().Order(), samples.Select(s => s.Kind).Distinct().Order());
        foreach (var (kind, (ids, weights)) in samples.Select(s => (s.Kind, s.Sequence)))
        {
            Assert.Equal(ids.Length, weights.Length);
            Assert.InRange(ids.Length, 2, 768);
            var text = tokenizer.Decode(ids);
            Assert.DoesNotContain("Queequeg", text, StringComparison.Ordinal);
            if (kind == MixtureKind.Copies)
            {
                var before = ids.Zip(ids.Skip(1)).ToList();
                Assert.All(Enumerable.Range(1, ids.Length - 1).Where(i => weights[i] > 0), i => Assert.Contains((ids[i - 1], ids[i]), before.Take(i - 1)));
                Assert.Contains(weights, w => w > 0);
            }

            if (kind == MixtureKind.Lines) AssertTellsEveryLineTwice(tokenizer, ids, weights);
            if (kind is not (MixtureKind.Records or MixtureKind.StoryQuestions)) continue;
            var lost = tokenizer.Decode(ids.Zip(weights).Where(t => t.Second > 0).Select(t => t.First));
            Assert.Matches(@"^( <support> [\s\S]+?</support>\n([^\n]+ \?\n)?<output> [^<]+</output>)+$", lost);
        }
    }

    private static void AssertTellsEveryLineTwice(TextTokenizer tokenizer, int[] ids, float[] weights)
    {
        var end = Assert.Single(tokenizer.Encode("\n"));
        var lines = ids.Index().Aggregate(new List<List<int>> { new() }, (all, id) =>
        {
            all[^1].Add(id.Index);
            if (id.Item == end) all.Add([]);
            return all;
        }).Where(line => line.Count > 0).ToList();
        var texts = lines.ConvertAll(line => string.Join(' ', line.Select(i => ids[i])));
        var half = lines.Count / 2;
        Assert.Equal(texts[..half].Order(StringComparer.Ordinal), texts[half..].Order(StringComparer.Ordinal));
        Assert.All(lines.SelectMany(line => line).Take(lines[..half].Sum(l => l.Count)), i => Assert.Equal(0, weights[i]));
        Assert.All(lines[half..], line => Assert.InRange(line.Count(i => weights[i] > 0), 1, 3));
    }

    [Fact]
    public void Batch_KindWithALaterStep_IsNotDrawnBeforeIt()
    {
        var recipe = Recipe with
        {
            Mixture = [new MixtureShare { Kind = MixtureKind.Copies, Weight = 1 }, new MixtureShare { Kind = MixtureKind.Lines, Weight = 1, From = 3 }],
        };
        var mixture = new PretrainMixture(recipe, Gpt2Merges.Create(300, TokenizerFamily.Qwen2), Perk.Core.Tasks.BabiLong.Haystack.FromFolder(PathOf("books"), except: recipe.HeldOutBooks));
        Assert.All(Enumerable.Range(0, 3).SelectMany(mixture.Batch), s => Assert.Equal(MixtureKind.Copies, s.Kind));
        Assert.Contains(Enumerable.Range(3, 5).SelectMany(mixture.Batch), s => s.Kind == MixtureKind.Lines);
    }

    [Theory]
    [InlineData("train", 0)]
    [InlineData("wide", 1)]
    [InlineData("all", 0.5)]
    public void Batch_WorldOfRecords_DrawsTheStudentsNames(string world, double share)
    {
        var recipe = Recipe with { Tokens = 768, Mixture = [new MixtureShare { Kind = MixtureKind.Records, Weight = 1, World = world }], Batch = 40 };
        string Letters(int i) => $"{(char)('a' + i / 26 % 26)}{(char)('a' + i % 26)}";
        File.WriteAllText(PathOf("books", "told.txt"), string.Join('\n', Enumerable.Range(0, 60)
            .SelectMany(i => Enumerable.Repeat($"Then came K{Letters(i)}n to the b{Letters(i)}d, and slept.", 3))));
        var tokenizer = Gpt2Merges.Create(1791, TokenizerFamily.Qwen2);
        var books = Perk.Core.Tasks.BabiLong.Haystack.FromFolder(PathOf("books"), only: ["told"]);
        var texts = new PretrainMixture(recipe, tokenizer, books).Batch(0).Select(s => tokenizer.Decode(s.Sequence.Ids)).ToList();
        var wide = texts.Count(t => System.Text.RegularExpressions.Regex.IsMatch(t, "Name: K[a-z]+n K[a-z]+n,"));
        Assert.InRange(wide / (double)texts.Count, share * 0.5, Math.Min(1, share * 1.5));
    }

    [Theory]
    [InlineData("train", 0)]
    [InlineData("original", 1)]
    [InlineData("all", 0.25)]
    public void Batch_World_DrawsItsWords(string world, double share)
    {
        var recipe = Recipe with
        {
            Mixture = [new MixtureShare { Kind = MixtureKind.Retelling, Weight = 1, World = world }], Batch = 40,
        };
        // Names and things by the dozen.
        string Letters(int i) => $"{(char)('a' + i / 26 % 26)}{(char)('a' + i % 26)}";
        File.WriteAllText(PathOf("books", "told.txt"), string.Join('\n', Enumerable.Range(0, 60)
            .SelectMany(i => Enumerable.Repeat($"Then came K{Letters(i)}n to the b{Letters(i)}d, and slept.", 3))));
        var tokenizer = Gpt2Merges.Create(300, TokenizerFamily.Qwen2);
        var mixture = new PretrainMixture(recipe, tokenizer, Perk.Core.Tasks.BabiLong.Haystack.FromFolder(PathOf("books"), except: recipe.HeldOutBooks));
        var texts = mixture.Batch(0).Select(s => tokenizer.Decode(s.Sequence.Ids)).ToList();
        var original = texts.Count(t => new[] { "Mary", "John", "Sandra", "Daniel" }.Any(name => t.Contains(name + " Event", StringComparison.Ordinal)));
        Assert.InRange(original / (double)texts.Count, share * 0.4, Math.Min(1, share * 1.9));
    }

    [Theory]
    [InlineData("""{ "name": "x", "steps": 5, "warmup": 1, "mixture": [{"kind":"text","weight":1,"from":2}] }""", "nothing from step 0")]
    [InlineData("""{ "name": "x", "steps": 5, "warmup": 1, "mixture": [{"kind":"text","weight":1,"world":"other"}] }""", "world is 'other'")]
    [InlineData("""{ "name": "x", "steps": 5, "model": {"inductionHeads":4,"headSize":64,"hiddenSize":96}, "mixture": [{"kind":"text","weight":1}] }""", "inductionHeads")]
    [InlineData("""{ "name": "x", "steps": 5, "model": {"headSize":33}, "mixture": [{"kind":"text","weight":1}] }""", "headSize is 33")]
    [InlineData("""{ "name": "x", "steps": 5 }""", "mixture")]
    [InlineData("""{ "name": "x", "steps": 0, "mixture": [{"kind":"text","weight":1}] }""", "steps is 0")]
    [InlineData("""{ "name": "x", "steps": 5, "mixture": [{"kind":"poems","weight":1}] }""", "kind")]
    [InlineData("""{ "name": "x", "steps": 5, "warmup": 1, "mixture": [{"kind":"text","weight":0}] }""", "weight is 0")]
    [InlineData("""{ "name": "x", "steps": 5, "mixture": [{"kind":"text","weight":1}], "modle": {} }""", "modle")]
    public void Read_WrongRecipe_NamesFileAndField(string json, string reason)
    {
        File.WriteAllText(PathOf("recipe.json"), json);
        var error = Assert.Throws<RecipeException>(() => PretrainRecipe.Read(PathOf("recipe.json")));
        Assert.Contains("recipe.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void CommittedRecipes_All_AreValid()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "recipes");
        Assert.NotEmpty(Directory.GetFiles(folder, "pretrain-*.json").Select(PretrainRecipe.Read));
        foreach (var file in Directory.GetFiles(folder, "train-*.json")) TrainRecipe.Read(file);
    }

    private PretrainRun Run(string name, PretrainRecipe? recipe = null) => new(PathOf(name), recipe ?? Recipe, PathOf("books"), CPU);

    private TrainingSummary Summary(string run) =>
        JsonSerializer.Deserialize<TrainingSummary>(File.ReadAllBytes(PathOf(run, "summary.json")), Json.Indented)!;

    private string PathOf(params string[] parts) => Path.Combine([_folder.Path, .. parts]);

    private sealed class StopAfter(CancellationTokenSource stop, int step) : IProgress<PretrainMetric>
    {
        public void Report(PretrainMetric value)
        {
            if (value.Step == step) stop.Cancel();
        }
    }
}
