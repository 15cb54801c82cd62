using Perk.Core.Lora;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>
/// The outer loss (arXiv 2507.06415, section 3): how badly questions are answered by the adapters alone. A weighted mean over the
/// answers' tokens of all problems.
/// </summary>
public static class OuterLoss
{
    /// <summary>The loss of a batch.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="adapter">The fast weights of P problems, or null; of one problem for any number of questions.</param>
    /// <param name="questions">The questions of each problem; one with fewer than the others gets empty rows.</param>
    /// <param name="twiceDifferentiable">Whether a gradient of a gradient will be taken of it.</param>
    /// <returns>A scalar, attached to the adapter.</returns>
    public static Tensor Of(CausalLM model, Adapter? adapter, IReadOnlyList<IReadOnlyList<WeightedSequence>> questions, bool twiceDifferentiable = false)
    {
        using var scope = NewDisposeScope();
        var rows = questions.Max(q => q.Count);
        var length = questions.SelectMany(q => q).Max(q => q.Ids.Length);
        var ids = new long[questions.Count * rows * length];
        List<long> predictors = [], targets = [];
        List<float> weights = [];
        for (var p = 0; p < questions.Count; p++)
        {
            for (var q = 0; q < questions[p].Count; q++)
            {
                var (sequence, start) = (questions[p][q], (p * rows + q) * length);
                for (var i = 0; i < sequence.Ids.Length; i++)
                {
                    ids[start + i] = sequence.Ids[i];
                    if (i == 0 || sequence.Weights[i] == 0) continue;
                    predictors.Add(start + i - 1);
                    targets.Add(sequence.Ids[i]);
                    weights.Add(sequence.Weights[i]);
                }
            }
        }

        var hidden = model.Hidden(tensor(ids, [questions.Count * rows, length], device: model.Device), adapter, null, twiceDifferentiable).flatten(0, 1);
        var at = tensor(predictors.ToArray(), device: model.Device);
        var logits = model.Logits(hidden.index_select(0, at)).AtLeastFloat32(); // (N, V)
        var crossEntropy = nn.functional.cross_entropy(logits, tensor(targets.ToArray(), device: model.Device), reduction: nn.Reduction.None);
        var weight = tensor(weights.ToArray(), device: model.Device);
        return ((crossEntropy * weight).sum() / weight.sum()).MoveToOuterDisposeScope();
    }
}
