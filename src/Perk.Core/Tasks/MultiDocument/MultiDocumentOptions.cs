namespace Perk.Core.Tasks.MultiDocument;

/// <summary>How contexts of <see cref="MultiDocumentTask"/> are made.</summary>
public sealed record MultiDocumentOptions
{
    /// <summary>
    /// The length of a context, in tokens of GPT-2's full tokenizer: never more, and less by what no whole paragraph fills.
    /// </summary>
    public required int Length { get; init; }

    /// <summary>How many questions are asked about a context; fewer where their paragraphs do not fit.</summary>
    public int Questions { get; init; } = 4;

    /// <summary>Which order the rows, fillers and blocks have.</summary>
    public long Seed { get; init; }

    /// <summary>Where the gold paragraphs stand, all together; at random each for itself.</summary>
    public NeedleDepth Depth { get; init; } = NeedleDepth.Random;

    /// <summary>
    /// How many questions have no answer in their context; unanswerable ones need a file that has some (SQuAD 2).
    /// </summary>
    public UnknownShares Unknown { get; init; } = UnknownShares.None;

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal void Validate()
    {
        if (Length < 1) throw Wrong($"Length {Length} is not possible; use at least 1 token.");
        if (Questions < 1) throw Wrong($"Questions {Questions} is not possible; ask at least 1 a context.");
        if (Depth.Share is { } share && !(share >= 0 && share <= 1))
            throw Wrong($"Depth {share} is not possible; use a share from 0 to 1.");

        static ArgumentException Wrong(FormattableString message) => new(FormattableString.Invariant(message));
    }
}
