namespace Perk.Core.MetaLearning;

/// <summary>One segment as the inner loop reads it.</summary>
/// <param name="Ids">Token ids: prefix, text, end of text.</param>
/// <param name="Prefix">How many tokens at the start carry no loss; at least 1, since the first token is predicted by nothing.</param>
public sealed record TokenSegment(IReadOnlyList<int> Ids, int Prefix)
{
    /// <summary>
    /// What its loss is multiplied by. Meta-training writes a haystack louder than it is (haystack amplification), so that the memory
    /// stands longer ones than it was trained on; encoding leaves it at 1.
    /// </summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether it is the second writing of another segment, not a part of the text.</summary>
    public bool IsEcho { get; init; }

    /// <summary>Tokens that carry loss.</summary>
    public int LossTokens => Math.Max(0, Ids.Count - Math.Max(1, Prefix));
}
