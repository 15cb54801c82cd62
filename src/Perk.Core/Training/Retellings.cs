using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Core.Training;

/// <summary>Successive facts of a story, then the same facts in another order: what comes second can be copied from what came first.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="tokens">The longest sequence.</param>
/// <param name="books">The stories' other text, which is left out.</param>
/// <param name="wide">The words of the stories; null for the training lists.</param>
internal sealed class Retellings(TextTokenizer tokenizer, int tokens, Haystack books, WideWorld? wide) : ISampleSource
{
    private const int Length = 512; // GPT-2's tokens: longer stories are drawn again

    /// <inheritdoc/>
    public WeightedSequence? Draw(Random random)
    {
        if (new BabiLongTask(StoryOptions.Of(random, Length, wide), books).Draw(StoryOptions.Index(random)).Problem is not { } problem)
            return null;
        var facts = problem.Facts.Select(f => f.Text).ToList();
        if (facts.Count < 2) return null;
        var told = facts[random.Next(facts.Count - 1)..];
        for (; told.Count >= 2; told.RemoveAt(told.Count - 1))
        {
            int[] ids = [.. tokenizer.Encode(Text(told, random)), tokenizer.EosId];
            if (ids.Length <= tokens) return WeightedSequence.Of([], ids);
        }

        return null;
    }

    private static string Text(List<string> facts, Random random) =>
        $"{string.Join(' ', facts)}\n\n{string.Join(' ', random.PickDistinct(facts, facts.Count))}";
}
