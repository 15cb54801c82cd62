using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Tasks;

namespace Perk.Core.Training;

/// <summary>
/// A meta-training in a folder: <c>recipe.json</c>, <c>metrics.jsonl</c>, the state to go on from, the last and the best
/// checkpoint, and for people <c>curves.png</c> and <c>summary.json</c>. From the folder the same run goes on exactly as if it
/// had not stopped.
/// </summary>
public sealed class TrainingRun
{
    /// <summary>The folder of the checkpoint that did best on held-out problems.</summary>
    public const string Best = "best";

    /// <summary>The folder of the last checkpoint.</summary>
    public const string Last = "last";

    private const string StateFile = "state.safetensors", MetricsFile = "metrics.jsonl", RecipeFile = "recipe.json";

    private readonly string _folder;
    private readonly TrainRecipe _recipe;
    private readonly Checkpoint _start;
    private readonly CheckpointSource _source;
    private readonly ProblemMixture _mixture;
    private readonly MetaTrainer _trainer;
    private readonly List<TrainingMetric> _metrics = [];
    private readonly RunRecord _record;

    /// <summary>Opens a folder, new or of the same run.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="source">Where the base model is, for the checkpoint's provenance.</param>
    /// <param name="start">The base model and the meta-parameters to start from; stay the caller's.</param>
    /// <param name="mixture">The problems.</param>
    /// <exception cref="ArgumentException">The folder holds another run.</exception>
    public TrainingRun(string folder, TrainRecipe recipe, CheckpointSource source, Checkpoint start, ProblemMixture mixture)
    {
        (_folder, _recipe, _source, _start, _mixture) = (folder, recipe, source, start, mixture);
        _trainer = new MetaTrainer(start.Model, recipe.Lora, start.Meta.Weighting is not null, recipe.Inner, recipe.Outer,
            recipe.Workers, recipe.Method == TrainMethod.Icr);
        _record = new RunRecord(folder);
        Directory.CreateDirectory(folder);
        var run = JsonSerializer.SerializeToNode(recipe, Json.Indented)!.AsObject();
        run["start"] = start.Id;
        var path = Path.Combine(folder, RecipeFile);
        if (!File.Exists(path)) AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(run, Json.Indented));
        else if (!JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(path)), run))
            throw new ArgumentException($"Folder '{folder}' holds another run; name another with --out, or follow the same recipe from the same base.");
    }

    /// <summary>What was measured so far.</summary>
    public IReadOnlyList<TrainingMetric> Metrics => _metrics;

    /// <summary>Told once if curves and summary cannot be written; the training goes on without them.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Trains to the recipe's last step.</summary>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancel">Checked between steps and in validations; the state is saved first.</param>
    /// <returns>The best validation.</returns>
    /// <exception cref="TrainingDivergedException">The loss is not finite any more.</exception>
    /// <exception cref="OperationCanceledException"/>
    public TrainingMetric? Run(IProgress<TrainingMetric>? progress = null, CancellationToken cancel = default)
    {
        var state = Open();
        try
        {
            if (_metrics.LastOrDefault() is { ExactMatch: null } last && Validates(last.Step))
            {
                // Was stopped in the midst of it.
                _metrics[^1] = Validated(state, last, cancel);
                WriteMetrics();
            }

            // The next problems are drawn while this step is computed.
            var next = Drawn(state.Step);
            while (state.Step < _recipe.Outer.Steps)
            {
                if (cancel.IsCancellationRequested)
                {
                    Save(state);
                    cancel.ThrowIfCancellationRequested();
                }

                var clock = Stopwatch.StartNew();
                var batch = next.GetAwaiter().GetResult();
                next = Drawn(state.Step + 1);
                var (after, step) = _trainer.Step(state, batch);
                state.Dispose();
                state = after;
                var metric = new TrainingMetric
                {
                    Step = state.Step,
                    Loss = Finite(step.Loss),
                    Norm = Finite(step.Norm),
                    Rate = step.Rate,
                    Skipped = step.Skipped,
                    Tokens = batch.Sum(p => p.Segments.Sum(s => s.Ids.Count)),
                    Seconds = clock.Elapsed.TotalSeconds,
                    PeakMemoryBytes = PeakMemory.Bytes(),
                };
                _metrics.Add(metric);
                try
                {
                    if (Validates(state.Step)) _metrics[^1] = metric = Validated(state, metric, cancel);
                }
                catch (OperationCanceledException)
                {
                    WriteMetrics();
                    Save(state);
                    throw;
                }

                File.AppendAllText(Path.Combine(_folder, MetricsFile), Line(metric));
                progress?.Report(metric);
                if (state.Step == _recipe.Outer.Steps || state.Step % _recipe.SaveEvery == 0) Save(state);
            }

            return BestSoFar();
        }
        finally
        {
            state.Dispose();
            Record();
        }
    }

    private Task<IReadOnlyList<TrainingProblem>> Drawn(int step) => step < _recipe.Outer.Steps
        ? Task.Run(() => _mixture.Batch(step), CancellationToken.None)
        : Task.FromResult<IReadOnlyList<TrainingProblem>>([]);

    private OuterState Open()
    {
        var path = Path.Combine(_folder, StateFile);
        if (!File.Exists(path))
        {
            File.Delete(Path.Combine(_folder, MetricsFile));
            return OuterState.Start(_start.Meta.Tensors, _recipe.Outer);
        }

        var state = OuterState.Load(path, _start.Meta.Tensors);
        // What was measured after the saved step is measured again.
        var metrics = Path.Combine(_folder, MetricsFile);
        foreach (var line in File.Exists(metrics) ? File.ReadAllLines(metrics) : [])
        {
            if (Json.Read<TrainingMetric>(System.Text.Encoding.UTF8.GetBytes(line)) is { } metric && metric.Step <= state.Step) _metrics.Add(metric);
        }

        WriteMetrics();
        return state;
    }

    private bool Validates(long step) => step == _recipe.Outer.Steps || step % _recipe.ValidateEvery == 0;

    private void WriteMetrics() =>
        AtomicFile.Write(Path.Combine(_folder, MetricsFile), System.Text.Encoding.UTF8.GetBytes(string.Concat(_metrics.Select(Line))));

    private static string Line(TrainingMetric metric) => JsonSerializer.Serialize(metric, Json.Compact) + "\n";

    private void Save(OuterState state)
    {
        WriteCheckpoint(Last, state);
        state.Save(Path.Combine(_folder, StateFile));
        Record();
    }

    private void Record() => _record.Write(_metrics.Select(m => m.Point()), Warn);

    private void WriteCheckpoint(string name, OuterState state) => CheckpointFolder.Write(Path.Combine(_folder, name), _trainer.View(state.Parameters), new CheckpointSettings
    {
        Schema = CheckpointSettings.CurrentSchema,
        BaseModel = _start.ModelName,
        BaseFiles = _source.BaseFiles(),
        Lora = _recipe.Lora,
        Inner = _recipe.Inner,
        SegmentTokens = _recipe.SegmentTokens,
        SegmentUnit = _recipe.SegmentUnit,
        MaxNewTokens = _recipe.MaxNewTokens,
        Training = new JsonObject { ["recipe"] = JsonSerializer.SerializeToNode(_recipe, Json.Indented), ["start"] = _start.Id, ["step"] = state.Step },
    });

    private TrainingMetric? BestSoFar() => _metrics.Where(m => m.ExactMatch is not null).MaxBy(m => m.ExactMatch);

    /// <summary>Held-out problems of each task, answered; the checkpoint is kept where it does better than any before.</summary>
    private TrainingMetric Validated(OuterState state, TrainingMetric metric, CancellationToken cancel)
    {
        var tokenizer = _start.Tokenizer;
        var decoding = new DecodingOptions
        {
            MaxNewTokens = _recipe.MaxNewTokens,
            StopIds = [tokenizer.EosId],
            StopWhen = ids => PromptFormat.IsComplete(tokenizer.Decode(ids)),
        };
        var byTask = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var share in _recipe.Tasks)
        {
            Problem[] problems = [.. Enumerable.Range(0, _recipe.ValidationProblems).Select(i => _mixture.Validation(share, i))];
            var (right, asked) = (0, 0);
            foreach (var chunk in problems.Chunk(_recipe.Problems))
            {
                var answers = _recipe.Method == TrainMethod.Icr ? InContext(state, chunk, cancel) : FromMemory(state, chunk, decoding, cancel);
                foreach (var (question, answer) in chunk.SelectMany(p => p.Questions).Zip(answers))
                {
                    asked++;
                    if (AnswerScore.Of(answer, question.Answers).ExactMatch) right++;
                }
            }

            byTask[$"{share.Task}@{share.MaxLength}" + (share.World is null or "train" ? "" : $" {share.World}")] = (double)right / asked;
        }

        var validated = metric with { ExactMatch = byTask.Values.Average(), Validation = byTask };
        if (BestSoFar() is not { ExactMatch: { } best } || validated.ExactMatch > best) WriteCheckpoint(Best, state);
        return validated;
    }

    private IEnumerable<string> FromMemory(OuterState state, Problem[] problems, DecodingOptions decoding, CancellationToken cancel)
    {
        var tokenizer = _start.Tokenizer;
        var asked = problems.Select(p => (Segments: _mixture.Segments(p), p.Questions)).Select(p =>
            (p.Segments, (IReadOnlyList<int[]>)[.. p.Questions.Select(q => PromptFormat.Question(tokenizer, p.Segments.Count(s => !s.IsEcho), q.Text))]));
        return BatchAnswers.Decode(_start.Model, _trainer.View(state.Parameters), [.. asked], _recipe.Inner, decoding, cancel)
            .SelectMany(answers => answers).Select(ids => PromptFormat.Parse(tokenizer.Decode(ids)).Answer);
    }

    /// <summary>A prompt that does not fit the window has no answer.</summary>
    private IEnumerable<string> InContext(OuterState state, Problem[] problems, CancellationToken cancel)
    {
        var (window, answerer) = (_start.Model.MaxPositions - _recipe.MaxNewTokens, new QuestionAnswerer(_start));
        int[][] prompts = [.. problems.SelectMany(p => p.Questions.Select(q => PromptFormat.InContext(_start.Tokenizer, p.Context, q.Text)))];
        var answers = new Queue<DecodedAnswer>(answerer.Answer(
            _trainer.View(state.Parameters).InitialAdapter, [.. prompts.Where(p => p.Length <= window)], _recipe.MaxNewTokens, cancel));
        return [.. prompts.Select(p => p.Length <= window ? answers.Dequeue().Parsed.Answer : "")];
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
