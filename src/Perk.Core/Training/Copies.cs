using Perk.Core.Models;

namespace Perk.Core.Training;

/// <summary>Random tokens that are told twice, with loss the second time.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="tokens">The longest sequence.</param>
internal sealed class Copies(TextTokenizer tokenizer, int tokens) : ISampleSource
{
    private const int Shortest = 8;

    /// <inheritdoc/>
    public WeightedSequence? Draw(Random random)
    {
        if (tokens / 2 < Shortest) return null;
        int[] passage = [.. Enumerable.Range(0, random.Next(Shortest, tokens / 2 + 1)).Select(_ => tokenizer.RandomToken(random))];
        return WeightedSequence.Of([.. passage, passage[0]], passage[1..]);
    }
}
