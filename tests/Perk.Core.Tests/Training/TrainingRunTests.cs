using System.Text.Json;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tensors;
using Perk.Core.Training;
using SkiaSharp;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Training;

/// <summary>Whole trainings of a few steps on the small real model.</summary>
public sealed class TrainingRunTests : IDisposable
{
    private static readonly CheckpointSource Source = new() { ModelFolder = RepositoryFiles.Stories260K };

    private static readonly TrainRecipe Recipe = new()
    {
        Lora = new LoraOptions { Rank = 4 },
        Inner = new InnerLoopOptions
        {
            Steps = 2,
            RootEpsilon = 3,
            WeightDecay = 0,
            Normalisation = LossNormalisation.SumOverConstant,
            NormalisationConstant = 1,
            SegmentsPerMicroBatch = 8,
        },
        Outer = new OuterOptions { Steps = 6, Warmup = 2 },
        Tasks = [new TaskShare { Task = "qa1", MinLength = 48, MaxLength = 64 }],
        Amplification = new Amplification(0.5, 8),
        Problems = 2,
        Questions = 1,
        ValidateEvery = 4,
        ValidationProblems = 2,
        SaveEvery = 2,
        MaxNewTokens = 4,
        Seed = 3,
    };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_StoppedAndGoneOnWith_EndsInTheSameBytes()
    {
        Train("whole");
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Train("parts", new StopAfter(stop, 3), stop.Token));
        var steps = new StepsSeen();
        Train("parts", steps);
        Assert.Equal([4, 5, 6], steps.Steps);
        Same("whole", "parts");
    }

    [Fact]
    public void Run_StoppedInAValidation_DoesItFirstWhenItGoesOn()
    {
        Train("whole");
        using var stop = new CancellationTokenSource();
        // Step 4 has a validation: the signal comes in it, or in the step before it.
        Assert.Throws<OperationCanceledException>(() => Train("parts", new StopSoonAfter(stop, 3), stop.Token));
        Train("parts");
        Same("whole", "parts");
        Assert.Equal(Validations("whole"), Validations("parts"));

        IEnumerable<string?> Validations(string run) => System.IO.File.ReadLines(File(run, "metrics.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("validation").ToString());
    }

    [Fact]
    public void Run_StateOfAnEarlierStep_IsGoneOnFromAndTheMetricsAfterItAreMeasuredAgain()
    {
        // As after kill -9: the state is that of step 2, the metrics go further.
        Train("whole");
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Train("killed", new StopAfter(stop, 2), stop.Token));
        System.IO.File.AppendAllText(File("killed", "metrics.jsonl"), "{\"step\":3,\"loss\":1}\n{\"step\":4,\"lo");
        Train("killed");
        Same("whole", "killed");
        Assert.Equal(6, System.IO.File.ReadLines(File("killed", "metrics.jsonl")).Count());
    }

    [Fact]
    public void Run_StoppedAndGoneOnWith_CurvesAndSummaryShowItWhole()
    {
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Train("run", new StopAfter(stop, 3), stop.Token));
        Assert.Equal(3, Summary().Steps);
        using (var losses = SKBitmap.Decode(File("run", "curves.png"))) Assert.True(losses.Pixels.Distinct().Count() > 10);

        Train("run");
        var lines = System.IO.File.ReadLines(File("run", "metrics.jsonl"))
            .Select(line => JsonSerializer.Deserialize<TrainingMetric>(line, Json.Compact)!).ToList();
        var summary = Summary();
        Assert.Equal((6, 0, 0), (summary.Steps, summary.Skipped, summary.NonFinite));
        Assert.Equal((lines.Sum(m => m.Tokens), lines.Sum(m => m.Seconds)), (summary.Tokens, summary.Seconds));
        Assert.All(lines, m => Assert.InRange(m.PeakMemoryBytes, 10_000_000, summary.PeakMemoryBytes));
        Assert.Equal(lines.Max(m => m.ExactMatch), summary.BestExactMatch);
        Assert.Contains(summary.BestStep, (int?[])[4, 6]);
        using var shares = SKBitmap.Decode(File("run", "curves.png"));
        Assert.True(shares.Height > 600); // The validations' panel is there.

        TrainingSummary Summary() =>
            JsonSerializer.Deserialize<TrainingSummary>(System.IO.File.ReadAllBytes(File("run", "summary.json")), Json.Indented)!;
    }

    [Fact]
    public void Run_CurvesThatCannotBeWritten_SaysItOnceAndTrainsToItsEnd()
    {
        Directory.CreateDirectory(File("run", "curves.png", "in the way"));
        var warnings = new List<string>();
        using var loaded = Source.Load(CPU);
        using var meta = Start(loaded);
        var recipe = Recipe with { Outer = Recipe.Outer with { Steps = 2, Warmup = 1 }, SaveEvery = 1 };
        var begun = loaded with { Meta = meta };
        var run = new TrainingRun(File("run"), recipe, Source, begun, Mixture(loaded, recipe)) { Warn = warnings.Add };
        Assert.Equal(2, run.Run(cancel: Now)?.Step);
        Assert.StartsWith("curves.png cannot be written", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(File("run", "state.safetensors")));
    }

    [Fact]
    public void Run_ToItsEnd_LeavesEveryBaseTensorAsItWasAndTheRestChanged()
    {
        using var loaded = Source.Load(CPU);
        var before = Bits(loaded);
        using var meta = Start(loaded);
        var initial = meta.Tensors.Select(t => t.data<float>().ToArray()).ToArray();
        Run("run", loaded, meta).Run(cancel: Now);
        Assert.Equal(before, Bits(loaded));

        using var trained = (Source with { Folder = File("run", TrainingRun.Last) }).Load(CPU);
        Assert.Equal((2, 4, 64), (trained.Meta.StepSizes.shape[0], trained.Meta.InitialAdapter.Options.Rank, (Source with { Folder = File("run", TrainingRun.Last) }).Settings()!.SegmentTokens));
        foreach (var (was, now) in initial.Zip(trained.Meta.Tensors)) Assert.NotEqual(was, now.data<float>().ToArray());
        Assert.True(Directory.Exists(File("run", TrainingRun.Best)));

        static string Bits(Checkpoint checkpoint)
        {
            using var ids = Arithmetic.Range(0, 64, CPU).unsqueeze(0);
            using var scope = NewDisposeScope();
            return Ids.Sha256(checkpoint.Model.Logits(checkpoint.Model.Hidden(ids, null)).bytes.ToArray());
        }
    }

    [Fact]
    public void Open_AnotherRecipe_SaysSo()
    {
        using var loaded = Source.Load(CPU);
        using var meta = Start(loaded);
        Run("run", loaded, meta);
        var error = Assert.Throws<ArgumentException>(() => Run("run", loaded, meta, Recipe with { Seed = 4 }));
        Assert.Contains("holds another run", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Appended_MoreSteps_KeepTheTrainedOnesAndStartSmall()
    {
        using var trained = Stories.Meta(steps: 1, stepSize: 0.5);
        using var more = MetaStart.Appended(trained, 3, 0.2);
        Assert.Equal(3, more.StepSizes.shape[0]);
        Assert.All(Enumerable.Range(0, (int)more.StepSizes.shape[1]), i => Assert.Equal(
            [0.5f, 0.1f, 0.1f], Enumerable.Range(0, 3).Select(s => more.StepSizes[s, i].item<float>())));
        Assert.Throws<ArgumentException>(() => MetaStart.Appended(more, 2, 0.2));
    }

    [Fact]
    public void Step_OneBatchAgainAndAgain_LowersItsLoss()
    {
        using var loaded = Source.Load(CPU);
        using var meta = Start(loaded);
        var outer = new OuterOptions { Steps = 25, Warmup = 1, LearningRate = 3e-3 };
        var trainer = new MetaTrainer(loaded.Model, Recipe.Lora, true, Recipe.Inner, outer);
        var batch = Mixture(loaded, Recipe).Batch(0);
        var state = OuterState.Start(meta.Tensors, outer);
        var losses = new List<double>();
        while (state.Step < outer.Steps)
        {
            var (next, step) = trainer.Step(state, batch);
            state.Dispose();
            state = next;
            losses.Add(step.Loss);
        }

        state.Dispose();
        Assert.True(losses[^1] < 0.8 * losses[0], $"From {losses[0]} to {losses[^1]}.");
    }

    [Fact]
    public void Gradient_OfSharedProblems_IsThatOfAll()
    {
        using var scope = NewDisposeScope();
        using var loaded = Source.Load(CPU);
        using var meta = Start(loaded);
        // Of two lengths, which are computed one after the other.
        var longer = Recipe with { Problems = 2, Questions = 2, Tasks = [new TaskShare { Task = "qa1", MinLength = 256, MaxLength = 256 }], SegmentTokens = 32 };
        IReadOnlyList<TrainingProblem> batch =
            [.. Mixture(loaded, Recipe with { Problems = 5, Questions = 2, SegmentTokens = 32 }).Batch(0), .. Mixture(loaded, longer).Batch(0)];
        Assert.True(batch.Max(p => p.Segments.Count) > 2 * batch.Min(p => p.Segments.Count));
        var parameters = OuterState.Start(meta.Tensors, Recipe.Outer).Parameters;
        var trainer = Trainer(1);
        OuterGradient[] found =
            [OuterGradient.Of(parameters, p => trainer.Loss(p, batch)), Trainer(2).Gradient(parameters, batch), Trainer(2).Gradient(parameters, batch), trainer.Gradient(parameters, batch)];
        Assert.Equal(found[0].Loss, found[3].Loss, 4);
        Assert.Equal(found[0].Loss, found[1].Loss, 4);
        foreach (var (one, two, again) in found[0].Gradients.Zip(found[1].Gradients, found[2].Gradients))
        {
            Assert.True((one - two).norm().item<float>() <= 1e-3 * one.norm().item<float>() + 1e-6);
            Stories.Identical(two, again);
        }

        MetaTrainer Trainer(int workers) => new(loaded.Model, Recipe.Lora, true, Recipe.Inner, Recipe.Outer, workers);
    }

    private void Train(string run, IProgress<TrainingMetric>? progress = null, CancellationToken? cancel = null)
    {
        using var loaded = Source.Load(CPU);
        using var meta = Start(loaded);
        Run(run, loaded, meta).Run(progress, cancel ?? Now);
    }

    private TrainingRun Run(string run, Checkpoint loaded, MetaParameters meta, TrainRecipe? recipe = null) =>
        new(File(run), recipe ?? Recipe, Source, loaded with { Meta = meta }, Mixture(loaded, recipe ?? Recipe));

    private static ProblemMixture Mixture(Checkpoint loaded, TrainRecipe recipe) => new(recipe, loaded.Tokenizer, Hay.Stack, loaded.Model.MaxPositions);

    private static MetaParameters Start(Checkpoint loaded) => MetaStart.New(
        loaded.Model, new MetaInitialisation { Lora = Recipe.Lora, Steps = Recipe.Inner.Steps, StepSize = Recipe.StepSize, Seed = Recipe.Seed }, Recipe.TokenWeight);

    private void Same(string one, string other)
    {
        foreach (var name in (string[])["state.safetensors", "last/adapter_model.safetensors", "last/meta.safetensors", "last/checkpoint.json", "best/adapter_model.safetensors"])
            Assert.Equal(System.IO.File.ReadAllBytes(File(one, name)), System.IO.File.ReadAllBytes(File(other, name)));
    }

    private string File(params string[] parts) => Path.Combine([_folder.Path, .. parts]);

    private sealed class StopAfter(CancellationTokenSource stop, int step) : IProgress<TrainingMetric>
    {
        public void Report(TrainingMetric value)
        {
            if (value.Step == step) stop.Cancel();
        }
    }

    private sealed class StopSoonAfter(CancellationTokenSource stop, int step) : IProgress<TrainingMetric>
    {
        public void Report(TrainingMetric value)
        {
            if (value.Step == step) stop.CancelAfter(30);
        }
    }

    private sealed class StepsSeen : IProgress<TrainingMetric>
    {
        public List<int> Steps { get; } = [];

        public void Report(TrainingMetric value) => Steps.Add(value.Step);
    }
}

/// <summary>Text to scatter facts in.</summary>
internal static class Hay
{
    public static Haystack Stack { get; } = Haystack.FromTexts(string.Join(' ', Enumerable.Range(0, 800).Select(i => $"The old mill stood by river number {i} and nobody came.")));
}
