using System.Globalization;
using Perk.Core.Models;
using Perk.Core.Tensors;
using Perk.Core.Training;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>Trains all weights of a model by AdamW. Alone here weights are changed in place: no graph outlives a step.</summary>
internal sealed class Pretrainer : IDisposable
{
    private const int MostNonFinite = 20; // in a row
    private const int MicroBatchTokens = 1024;
    private const double Clip = 1;

    private readonly PretrainRecipe _recipe;
    private readonly AdamW _adam = new(0.9, 0.98, 1e-8, 0);
    private readonly IReadOnlyList<(string Name, Tensor Tensor)> _weights;
    private readonly Tensor[] _leaves;
    private OptimizerState _state;
    private int _nonFiniteInARow;

    /// <summary>A model that nothing has trained.</summary>
    /// <param name="recipe">Its shape, the seed of its weights and how it is trained.</param>
    /// <param name="vocabularySize">V.</param>
    /// <param name="device">Where it is trained.</param>
    internal Pretrainer(PretrainRecipe recipe, int vocabularySize, Device device)
    {
        _recipe = recipe;
        Config = recipe.Model.Config(vocabularySize);
        var initial = new InitialWeights(recipe.Seed, ScalarType.Float32, device, Config.Layers);
        using var source = new TrainableWeights(new InductionHeads(initial, Config, recipe.Model.InductionHeads, recipe.Seed));
        Model = new Llama(Config, source);
        _weights = source.Taken;
        _leaves = [.. _weights.Select(w => w.Tensor)];
        using var noGradient = no_grad();
        _state = Kept(_adam.Init(_leaves));
    }

    /// <summary>The model's configuration.</summary>
    public LlamaConfig Config { get; }

    /// <summary>The model.</summary>
    public Llama Model { get; }

    /// <summary>Every weight by its name.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Weights => _weights.Select(w => (w.Name, w.Tensor.detach()));

    /// <summary>How many numbers they are.</summary>
    public long Parameters => _leaves.Sum(t => t.numel());

    /// <summary>Steps done, skipped ones included.</summary>
    public int Steps { get; private set; }

    /// <summary>Steps skipped for a loss or gradient that was not finite.</summary>
    public int NonFinite { get; private set; }

    /// <summary>One step: the loss is a mean over the batch's tokens by their weights.</summary>
    /// <exception cref="TrainingDivergedException">The loss has not been finite for 20 steps.</exception>
    public PretrainStep Step(IReadOnlyList<TrainingSample> batch)
    {
        using var scope = NewDisposeScope();
        var score = new SampleScores();
        var (loss, gradients) = Gradient(batch, score);
        using var noGradient = no_grad();
        var norm = double.IsFinite(loss) ? Norm(gradients) : double.NaN;
        var rate = _recipe.RateAt(Steps);
        Steps++;
        if (!double.IsFinite(norm))
        {
            NonFinite++;
            if (++_nonFiniteInARow == MostNonFinite) throw new TrainingDivergedException(Steps, MostNonFinite);
            return new PretrainStep(loss, norm, rate, true, score.ByKind());
        }

        _nonFiniteInARow = 0;
        Update(gradients, rate, Math.Min(1, Clip / Math.Max(norm, 1e-12)));
        return new PretrainStep(loss, norm, rate, false, score.ByKind());
    }

    /// <summary>Writes all that it takes to go on to one file, whole or not at all.</summary>
    public void Save(string path) => SafeTensors.Write(
        path,
        _weights.SelectMany((w, i) => new[] { ($"weight.{w.Name}", w.Tensor.detach()), ($"first.{w.Name}", _state.First[i]), ($"second.{w.Name}", _state.Second[i]) }),
        new[] { ("step", Steps), ("optimizerStep", _state.Step), ("nonFinite", NonFinite), ("nonFiniteInARow", _nonFiniteInARow) }
            .ToDictionary(n => n.Item1, n => n.Item2.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal));

    /// <summary>Goes on from what <see cref="Save"/> wrote.</summary>
    /// <exception cref="ModelFileException">It is damaged, or of another model.</exception>
    public void Load(string path)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var file = SafeTensorsFile.Open(path);
        var weights = Read("weight");
        var state = new OptimizerState(Number("optimizerStep"), Read("first"), Read("second"));
        (Steps, NonFinite, _nonFiniteInARow) = (Number("step"), Number("nonFinite"), Number("nonFiniteInARow"));
        foreach (var (leaf, weight) in _leaves.Zip(weights)) leaf.copy_(weight);
        _state.Dispose();
        _state = Kept(state);

        Tensor[] Read(string part) => [.. _weights.Select(w => file.Load($"{part}.{w.Name}", w.Tensor.shape).to(w.Tensor.device))];
        int Number(string name) => file.Metadata.TryGetValue(name, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ModelFileException(path, $"says nothing of {name}; it is no state of a pretraining.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _state.Dispose();
        Model.Dispose();
    }

    /// <summary>The loss and its gradient, summed in order over micro-batches of rows that are about as long: the same for any number of workers.</summary>
    private (double Loss, Tensor[] Gradients) Gradient(IReadOnlyList<TrainingSample> batch, SampleScores scores)
    {
        using var scope = NewDisposeScope();
        var total = batch.Sum(s => s.Sequence.Weights.Skip(1).Sum(w => (double)w));
        var (loss, sums) = (0.0, Array.Empty<Tensor>());
        foreach (var group in MicroBatches(batch).Chunk(_recipe.Workers))
        {
            var computed = group.Length == 1
                ? [Part(group[0], total)]
                : Task.WhenAll(group.Select(rows => Task.Run(() => Part(rows, total)))).GetAwaiter().GetResult();
            foreach (var (partLoss, gradients, partScores) in computed)
            {
                loss += partLoss;
                scores.Add(partScores);
                sums = [.. gradients.Select((g, i) => sums.Length == 0 ? g.Times(1) : sums[i].Plus(g))];
                foreach (var gradient in gradients) gradient.Dispose();
            }
        }

        return double.IsFinite(loss) ? (loss, [.. sums.Select(g => g.MoveToOuterDisposeScope())]) : (loss, []);
    }

    /// <summary>A micro-batch's part of loss and gradient; the tensors are the caller's to dispose, whatever thread it is on.</summary>
    private (double Loss, Tensor[] Gradients, SampleScores Scores) Part(List<TrainingSample> rows, double total)
    {
        using var withGradient = enable_grad();
        using var scope = NewDisposeScope();
        var scores = new SampleScores();
        var laid = new TrainingBatch([.. rows.Select(r => r.Sequence)], Model.Device);
        var hidden = Model.Hidden(laid.Ids, null).flatten(0, 1); // (B·T, D)
        var logits = Model.Logits(hidden.index_select(0, laid.Predictors)); // (N, V): only where the loss looks
        var crossEntropy = nn.functional.cross_entropy(logits, laid.Targets, reduction: nn.Reduction.None);
        var mean = (crossEntropy * laid.Weights).sum().Over(total);
        scores.Add(rows, laid, crossEntropy.detach(), logits.detach());
        return (mean.item<float>(), [.. Gradients.Of(mean, _leaves).Select(g => g.DetachFromDisposeScope())], scores);
    }

    private static IEnumerable<List<TrainingSample>> MicroBatches(IReadOnlyList<TrainingSample> batch)
    {
        var rows = new List<TrainingSample>();
        foreach (var sample in batch.OrderByDescending(s => s.Sequence.Ids.Length))
        {
            if (rows.Count > 0 && (rows.Count + 1) * rows[0].Sequence.Ids.Length > MicroBatchTokens)
            {
                yield return rows;
                rows = [];
            }

            rows.Add(sample);
        }

        yield return rows;
    }

    private void Update(Tensor[] gradients, double rate, double factor)
    {
        using var scope = NewDisposeScope();
        var clipped = gradients.Select(g => g.Times(factor)).ToArray();
        var (next, state) = _adam.Update(_leaves, clipped, _state, Arithmetic.Full(rate, ScalarType.Float32, Model.Device, _leaves.Length));
        for (var i = 0; i < next.Length; i++)
        {
            // Biases and norms do not decay.
            var decay = _leaves[i].dim() == 2 ? rate * _recipe.WeightDecay : 0;
            _leaves[i].copy_(decay > 0 ? next[i] - _leaves[i].Times(decay) : next[i]);
        }

        _state.Dispose();
        _state = Kept(state);
    }

    private static double Norm(Tensor[] gradients)
    {
        using var scope = NewDisposeScope();
        return Math.Sqrt(gradients.Sum(g => g.Squared().sum().item<float>()));
    }

    private static OptimizerState Kept(OptimizerState state)
    {
        foreach (var moment in state.First.Concat(state.Second)) moment.DetachFromDisposeScope();
        return state;
    }
}

/// <summary>What a step did.</summary>
/// <param name="Loss">The loss before it.</param>
/// <param name="Norm">The norm of its gradient before clipping.</param>
/// <param name="Rate">The scheduled rate.</param>
/// <param name="Skipped">Whether nothing was changed, for loss or gradient was not finite.</param>
/// <param name="Kinds">How each kind of text fared.</param>
internal sealed record PretrainStep(double Loss, double Norm, double Rate, bool Skipped, IReadOnlyDictionary<MixtureKind, KindScore> Kinds);
