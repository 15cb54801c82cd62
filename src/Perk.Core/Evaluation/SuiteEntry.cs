using Perk.Core.MetaLearning;
using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>One evaluation of a suite: a task, how many contexts, and by which methods.</summary>
public sealed record SuiteEntry
{
    private static readonly EvaluatorOptions Standard = new();

    /// <summary>Its name within the suite, 1 to 63 of a–z, 0–9 and '-'.</summary>
    public required string Name { get; init; }

    /// <summary>The task.</summary>
    public required TaskChoice Task { get; init; }

    /// <summary>How many contexts, 2 or more.</summary>
    public required int Contexts { get; init; }

    /// <summary>The methods, by name; each brings its controls. All but icr, whose adapter a suite does not name.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [EvaluationMethod.Perk.Name];

    /// <summary>The longest answer, in tokens of the model; as the checkpoint says if not given.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>How many segments bm25 and hybrid may put into the prompt.</summary>
    public int Retrieved { get; init; } = Standard.RetrievedSegments;

    /// <summary>What is asked of a checkpoint.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public EvaluatorOptions Options(Checkpoint checkpoint) => Options(checkpoint.MaxNewTokens);

    /// <summary>What is asked of a checkpoint.</summary>
    /// <param name="maxTokens">The longest answer, in tokens, where the entry does not say.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    internal EvaluatorOptions Options(int maxTokens)
    {
        var options = new EvaluatorOptions
        {
            Methods = [.. Methods.Select(EvaluationMethod.Parse)],
            Contexts = Contexts,
            MaxNewTokens = MaxTokens ?? maxTokens,
            RetrievedSegments = Retrieved,
        }.Validated();
        return options.Methods.All(m => m.Adapter != AdapterUse.Trained) ? options
            : throw new ArgumentException($"Method icr needs an adapter that was trained to answer from the prompt, which a suite cannot name; use {string.Join(", ", EvaluationMethod.All.Where(m => m.Adapter != AdapterUse.Trained).Select(m => m.Name))}.");
    }
}
