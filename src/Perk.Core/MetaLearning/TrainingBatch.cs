using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>Sequences as rows, padded on the right: attention is causal, so no token sees the padding.</summary>
internal sealed class TrainingBatch
{
    /// <summary>Lays out sequences, in the caller's dispose scope.</summary>
    internal TrainingBatch(IReadOnlyList<WeightedSequence> sequences, Device device)
    {
        var length = sequences.Max(s => s.Ids.Length);
        var ids = new long[sequences.Count * length];
        List<long> predictors = [], targets = [];
        List<float> weights = [];
        List<int> rowOf = [];
        foreach (var (row, sequence) in sequences.Index())
        {
            for (var i = 0; i < sequence.Ids.Length; i++)
            {
                ids[row * length + i] = sequence.Ids[i];
                if (i == 0 || sequence.Weights[i] == 0) continue;
                predictors.Add(row * length + i - 1);
                targets.Add(sequence.Ids[i]);
                weights.Add(sequence.Weights[i]);
                rowOf.Add(row);
            }
        }

        Ids = tensor(ids, [sequences.Count, length], device: device);
        Predictors = tensor(predictors.ToArray(), device: device);
        Targets = tensor(targets.ToArray(), device: device);
        Weights = tensor(weights.ToArray(), device: device);
        RowOf = rowOf;
    }

    /// <summary>Integer (B, T).</summary>
    public Tensor Ids { get; }

    /// <summary>Positions in the flattened (B·T) of the tokens that predict a token with loss, integer (N).</summary>
    public Tensor Predictors { get; }

    /// <summary>The tokens with loss, integer (N).</summary>
    public Tensor Targets { get; }

    /// <summary>What the loss of each weighs, (N).</summary>
    public Tensor Weights { get; }

    /// <summary>The row that each belongs to, (N).</summary>
    public IReadOnlyList<int> RowOf { get; }
}
