using Perk.Core.Lora;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>
/// Meta-training (arXiv 2507.06415, section 3): the inner loop writes contexts, the outer loss asks about them, and its gradient goes through the
/// loop to the initial adapter, the step sizes and the token-weighting head. The base model is never touched.
/// </summary>
/// <param name="model">The base model.</param>
/// <param name="lora">The adapter's shape.</param>
/// <param name="weighted">Whether there is a token-weighting head.</param>
/// <param name="inner">The inner loop.</param>
/// <param name="outer">The outer loop.</param>
/// <param name="workers">How many threads share a step's problems; its last digits depend on it.</param>
/// <param name="inContext">
/// Whether there is no inner loop: the initial adapter itself learns to answer from contexts in the prompts (FT-ICR, the baseline).
/// </param>
public sealed class MetaTrainer(CausalLM model, LoraOptions lora, bool weighted, InnerLoopOptions inner, OuterOptions outer, int workers = 1, bool inContext = false)
{
    private const int MostSegments = 64; // computed together, unless one problem alone has more: each unrolled step keeps their activations
    private const double LeastLike = 0.65; // of the segments of the longest problem that is computed with

    private readonly IReadOnlyList<LinearModule> _modules = lora.Select(model.LinearModules);

    /// <summary>One outer step over a batch of problems.</summary>
    public (OuterState State, OuterStep Step) Step(OuterState state, IReadOnlyList<TrainingProblem> problems)
    {
        var rates = Enumerable.Repeat((1.0, outer.WeightDecay), 2 * _modules.Count).Append((outer.StepSizeRate, 0))
            .Concat(Enumerable.Repeat((outer.WeightingRate, outer.WeightDecay), weighted ? 4 : 0)).ToList();
        return OuterLoop.Step(state, parameters => Gradient(parameters, problems), rates, outer);
    }

    /// <summary>Loss and gradient of a batch, its problems shared among the workers, each of which takes those of like length together.</summary>
    public OuterGradient Gradient(IReadOnlyList<Tensor> parameters, IReadOnlyList<TrainingProblem> problems)
    {
        var parts = problems.Index().GroupBy(p => p.Index % workers, p => p.Item).Select(part => part.ToList()).ToList();
        var whole = problems.Sum(Weight);
        return OuterGradient.Mean([.. parts.Select(part => (part.Sum(Weight) / whole, (Func<OuterGradient>)(() => Worker(part))))], parallel: true);

        OuterGradient Worker(List<TrainingProblem> part) => OuterGradient.Mean(
            [.. OfLikeLength(part).Select(some => (some.Sum(Weight) / part.Sum(Weight), (Func<OuterGradient>)(() => OuterGradient.Of(parameters, p => Loss(p, some)))))],
            parallel: false);

        static double Weight(TrainingProblem problem) => problem.Questions.Sum(q => q.Weights.Skip(1).Sum(w => (double)w));
    }

    /// <summary>
    /// Problems in groups, each at most so much shorter than the longest of its group that little of the batch is padding, and so few that their unrolled
    /// steps fit in memory.
    /// </summary>
    private static List<List<TrainingProblem>> OfLikeLength(IEnumerable<TrainingProblem> problems)
    {
        var groups = new List<List<TrainingProblem>>();
        foreach (var problem in problems.OrderByDescending(p => p.Segments.Count))
        {
            if (groups.LastOrDefault() is { } last && problem.Segments.Count >= LeastLike * last[0].Segments.Count && (last.Count + 1) * last[0].Segments.Count <= MostSegments)
                last.Add(problem);
            else groups.Add([problem]);
        }

        return groups;
    }

    /// <summary>The loss of a batch, attached to the parameters.</summary>
    /// <param name="parameters">As in <see cref="MetaParameters.Tensors"/>.</param>
    /// <param name="problems">The batch.</param>
    public Tensor Loss(IReadOnlyList<Tensor> parameters, IReadOnlyList<TrainingProblem> problems)
    {
        using var scope = NewDisposeScope();
        // Not disposed: the tensors are the caller's.
        var meta = View(parameters);
        if (inContext) return OuterLoss.Of(model, meta.InitialAdapter, [[.. problems.SelectMany(p => p.Questions)]]).MoveToOuterDisposeScope();
        var written = InnerLoop.Run(
            model, meta, [.. problems.Select(p => p.Segments)], inner, Math.Min(outer.UnrolledSteps ?? inner.Steps, inner.Steps));
        try
        {
            return OuterLoss.Of(model, written.Adapter, [.. problems.Select(p => p.Questions)]).MoveToOuterDisposeScope();
        }
        finally
        {
            written.Adapter.Dispose();
        }
    }

    /// <summary>The parameters as meta-parameters that share their tensors; not to be disposed beside them.</summary>
    public MetaParameters View(IReadOnlyList<Tensor> parameters)
    {
        var adapters = 2 * _modules.Count;
        return new MetaParameters(
            new Adapter(lora, _modules, [.. parameters.Take(adapters)]), parameters[adapters],
            weighted ? new TokenWeighting([.. parameters.Skip(adapters + 1)]) : null);
    }
}
