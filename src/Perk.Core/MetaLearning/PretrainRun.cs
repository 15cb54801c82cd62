using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Perk.Core.Models;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tensors;
using Perk.Core.Training;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>
/// A pretraining in a folder: <c>recipe.json</c>, <c>metrics.jsonl</c>, the state to go on from, at its end the model, and for
/// people <c>curves.png</c> and <c>summary.json</c>. From the folder the same run goes on exactly as if it had not stopped.
/// </summary>
public sealed class PretrainRun
{
    /// <summary>The folder of the finished model, in Hugging Face's layout.</summary>
    public const string ModelName = "model";

    private const string RecipeFile = "recipe.json", MetricsFile = "metrics.jsonl", StateFile = "training/state.safetensors";
    private const int Ahead = 3; // Steps whose sequences are drawn meanwhile.

    private readonly string _folder;
    private readonly PretrainRecipe _recipe;
    private readonly IReadOnlyDictionary<string, string> _books;
    private readonly TextTokenizer _tokenizer;
    private readonly PretrainMixture _mixture;
    private readonly Device _device;
    private readonly List<PretrainMetric> _metrics = [];
    private readonly RunRecord _record;

    /// <summary>Opens a folder, new or of the same run.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="books">A folder of books; the recipe's held-out ones are not read.</param>
    /// <param name="device">Where to train. Going on bit by bit holds for the CPU.</param>
    /// <exception cref="ArgumentException">The folder holds another run.</exception>
    /// <exception cref="Tasks.TaskDataException">The books cannot be read, or a held-out one is not there.</exception>
    public PretrainRun(string folder, PretrainRecipe recipe, string books, Device device)
    {
        (_folder, _recipe, _device, _record) = (folder, recipe.Validated(), device, new RunRecord(folder));
        _books = TextFolder.Files(books, except: recipe.HeldOutBooks)
            .ToDictionary(TextFolder.NameOf, Ids.Sha256OfFile, StringComparer.Ordinal);
        _tokenizer = Gpt2Merges.Create(recipe.Merges, TokenizerFamily.Qwen2);
        _mixture = new PretrainMixture(recipe, _tokenizer, Haystack.FromFolder(books, except: recipe.HeldOutBooks));
        Directory.CreateDirectory(PathOf("training"));
        var run = JsonSerializer.SerializeToNode(recipe, Json.Indented)!.AsObject();
        run["books"] = JsonSerializer.SerializeToNode(_books);
        Hash = Ids.Sha256(run.ToJsonString(Json.Compact));
        if (!File.Exists(PathOf(RecipeFile))) AtomicFile.Write(PathOf(RecipeFile), JsonSerializer.SerializeToUtf8Bytes(run, Json.Indented));
        else if (!JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(PathOf(RecipeFile))), run))
            throw new ArgumentException($"Folder '{folder}' holds another run; name another with --out, or follow the same recipe with the same books.");
    }

    /// <summary>sha256 of the recipe and the books.</summary>
    public string Hash { get; }

    /// <summary>What was measured so far.</summary>
    public IReadOnlyList<PretrainMetric> Metrics => _metrics;

    /// <summary>Told once if curves and summary cannot be written; the training goes on without them.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>Trains to the recipe's last step and writes the model.</summary>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancel">Checked between steps; the state is saved first.</param>
    /// <returns>The folder of the model.</returns>
    /// <exception cref="TrainingDivergedException">The loss is not finite any more.</exception>
    /// <exception cref="ModelFileException">The saved state is damaged.</exception>
    /// <exception cref="OperationCanceledException"/>
    public string Run(IProgress<PretrainMetric>? progress = null, CancellationToken cancel = default)
    {
        if (_recipe.Threads is { } threads) ComputeDevice.UseThreads(threads);
        using var trainer = new Pretrainer(_recipe, _tokenizer.VocabularySize, _device);
        Open(trainer);
        try
        {
            Train(trainer, progress, cancel);
        }
        finally
        {
            Record();
        }

        WriteModel(trainer);
        return PathOf(ModelName);
    }

    private void Train(Pretrainer trainer, IProgress<PretrainMetric>? progress, CancellationToken cancel)
    {
        var drawn = new Queue<Task<IReadOnlyList<TrainingSample>>>();
        for (var next = trainer.Steps; trainer.Steps < _recipe.Steps;)
        {
            if (cancel.IsCancellationRequested)
            {
                Save(trainer);
                cancel.ThrowIfCancellationRequested();
            }

            var clock = Stopwatch.StartNew();
            for (; drawn.Count < Ahead && next < _recipe.Steps; next++)
            {
                var step = next;
                drawn.Enqueue(Task.Run(() => _mixture.Batch(step), CancellationToken.None));
            }

            var batch = drawn.Dequeue().GetAwaiter().GetResult();
            var done = trainer.Step(batch);
            var metric = PretrainMetric.Of(trainer.Steps, batch, done, clock.Elapsed);
            _metrics.Add(metric);
            File.AppendAllText(PathOf(MetricsFile), JsonSerializer.Serialize(metric, Json.Compact) + "\n");
            progress?.Report(metric);
            if (trainer.Steps == _recipe.Steps || trainer.Steps % _recipe.CheckpointEvery == 0) Save(trainer);
        }
    }

    private void Save(Pretrainer trainer)
    {
        trainer.Save(PathOf(StateFile));
        Record();
    }

    private void Record() => _record.Write(_metrics.Select(m => m.Point()), Warn);

    private void Open(Pretrainer trainer)
    {
        if (!File.Exists(PathOf(StateFile)))
        {
            File.Delete(PathOf(MetricsFile));
            return;
        }

        trainer.Load(PathOf(StateFile));
        // What was measured after the saved step is measured again.
        foreach (var line in File.Exists(PathOf(MetricsFile)) ? File.ReadAllLines(PathOf(MetricsFile)) : [])
        {
            if (Json.Read<PretrainMetric>(Encoding.UTF8.GetBytes(line)) is { } metric && metric.Step <= trainer.Steps) _metrics.Add(metric);
        }

        AtomicFile.Write(
            PathOf(MetricsFile), Encoding.UTF8.GetBytes(string.Concat(_metrics.Select(m => JsonSerializer.Serialize(m, Json.Compact) + "\n"))));
    }

    private void WriteModel(Pretrainer trainer)
    {
        Gpt2Merges.WriteFiles(PathOf(ModelName), _recipe.Merges);
        ModelFolder.Write(PathOf(ModelName), trainer.Config, _tokenizer.EosId, trainer.Weights);
        var readme = PretrainReadme.Write(_recipe, Hash, _books.Keys, trainer.Parameters, _tokenizer.VocabularySize, _metrics);
        AtomicFile.Write(Path.Combine(PathOf(ModelName), "README.md"), Encoding.UTF8.GetBytes(readme));
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
