using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Core.Training;

/// <summary>Questions about short stories in the window; half of the stories stand in nearly no other text.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="tokens">The longest sequence.</param>
/// <param name="questions">The most questions about a story.</param>
/// <param name="contentWeight">How much content weighs among an answer\'s tokens.</param>
/// <param name="books">The other text.</param>
/// <param name="words">Draws the words of a story.</param>
internal sealed class StoryQuestions(TextTokenizer tokenizer, int tokens, int questions, double contentWeight, Haystack books, Func<Random, WorldLists> words) : ISampleSource
{
    private const int Shortest = 48, Longest = 192; // GPT-2's tokens
    private const int BareFrom = 32, BareStep = 16;

    /// <inheritdoc/>
    public WeightedSequence? Draw(Random random)
    {
        var options = StoryOptions.Of(random, random.Next(Shortest, Math.Clamp(tokens / 3, Shortest, Longest) + 1), words) with { Questions = questions };
        var (index, bare) = (StoryOptions.Index(random), random.Next(2) == 0);
        var drawn = Draw(options, index);
        for (var length = BareFrom; bare && drawn is not null && length < options.Length; length += BareStep)
        {
            // The first length that the story fits has room for hardly anything else.
            if (Draw(options with { Length = length }, index) is not { } shorter) continue;
            drawn = shorter;
            break;
        }

        return drawn is null ? null : AskedInWindow.Sequence(tokenizer, tokens, drawn, contentWeight);
    }

    private Problem? Draw(BabiLongOptions options, int index) => new BabiLongTask(options, books).Draw(index).Problem;
}
