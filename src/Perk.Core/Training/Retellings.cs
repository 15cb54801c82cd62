using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Core.Training;

/// <summary>Successive facts of a story, then the same facts in another order, with loss the second time: all but their order can be copied.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="tokens">The longest sequence.</param>
/// <param name="books">The stories' other text, which is left out.</param>
/// <param name="words">Draws the words of a story.</param>
internal sealed class Retellings(TextTokenizer tokenizer, int tokens, Haystack books, Func<Random, WorldLists> words) : ISampleSource
{
    private const int Length = 512; // GPT-2's tokens: longer stories are drawn again

    /// <inheritdoc/>
    public WeightedSequence? Draw(Random random)
    {
        if (new BabiLongTask(StoryOptions.Of(random, Length, words), books).Draw(StoryOptions.Index(random)).Problem is not { } problem)
            return null;
        var facts = problem.Facts.Select(f => f.Text).ToList();
        if (facts.Count < 2) return null;
        var told = facts[random.Next(facts.Count - 1)..];
        for (; told.Count >= 2; told.RemoveAt(told.Count - 1))
        {
            int[] first = tokenizer.Encode(string.Join(' ', told) + "\n\n");
            int[] again = [.. tokenizer.Encode(string.Join(' ', random.PickDistinct(told, told.Count))), tokenizer.EosId];
            if (first.Length + again.Length <= tokens) return WeightedSequence.Of(first, again);
        }

        return null;
    }
}
