namespace Perk.Core.Evaluation;

/// <summary>What is asked, and how.</summary>
public sealed record EvaluatorOptions
{
    /// <summary>The methods; each brings its controls.</summary>
    public IReadOnlyList<EvaluationMethod> Methods { get; init; } = [EvaluationMethod.Perk];

    /// <summary>How many contexts, from 2: the swap control needs another one.</summary>
    public int Contexts { get; init; } = 10;

    /// <summary>The longest answer, in tokens of the model.</summary>
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>How many segments BM25 may put into the prompt; as many of them as fit the window.</summary>
    public int RetrievedSegments { get; init; } = 5;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it and the range.</exception>
    public EvaluatorOptions Validated()
    {
        if (Methods.Count == 0) throw new ArgumentException("Name at least one method.");
        if (Methods.Select(m => m.Name).Distinct(StringComparer.Ordinal).Count() < Methods.Count)
            throw new ArgumentException("A method is named twice.");
        if (Contexts < 2) throw new ArgumentException($"{Contexts} contexts are too few; use 2 or more, for an interval and for another document to swap with.");
        if (MaxNewTokens < 1) throw new ArgumentException($"{MaxNewTokens} tokens for an answer are too few; use 1 or more.");
        if (RetrievedSegments < 1) throw new ArgumentException($"{RetrievedSegments} retrieved segments are too few; use 1 or more.");
        return this;
    }

    /// <summary>The methods that ask a model: those asked for, each with its swap control, and the base model alone.</summary>
    internal IReadOnlyList<EvaluationMethod> Asked =>
    [
        .. Methods.Concat(Methods.Where(m => m.SeesContext && !m.Swapped).Select(m => m.Control())).Append(EvaluationMethod.None)
            .DistinctBy(m => m.Name, StringComparer.Ordinal),
    ];
}
