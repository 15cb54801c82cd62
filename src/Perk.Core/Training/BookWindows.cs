using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Core.Training;

/// <summary>Windows of book text with the facts of a story scattered in it.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="tokens">The length of a window.</param>
/// <param name="books">The books.</param>
/// <param name="words">Draws the words of a story.</param>
internal sealed class BookWindows(TextTokenizer tokenizer, int tokens, Haystack books, Func<Random, WorldLists> words) : ISampleSource
{
    /// <inheritdoc/>
    public WeightedSequence? Draw(Random random)
    {
        // A model's tokens are shorter than GPT-2's, so this is longer than a window, which may begin anywhere in it.
        var task = new BabiLongTask(StoryOptions.Of(random, Math.Max(32, tokens), words), books);
        if (task.Draw(StoryOptions.Index(random)).Problem is not { } problem) return null;
        var ids = tokenizer.Encode(problem.Context);
        var start = random.Next(Math.Max(1, ids.Length - tokens + 1));
        return WeightedSequence.Of([], ids[start..Math.Min(ids.Length, start + tokens)]);
    }
}

/// <summary>The stories that a base model reads: of all three levels, never in the words of the test lists.</summary>
internal static class StoryOptions
{
    private static readonly BabiLevel[] Levels = [BabiLevel.Qa1, BabiLevel.Qa2, BabiLevel.Qa3];

    /// <summary>The options of a story.</summary>
    /// <param name="random">Chooses the level.</param>
    /// <param name="length">GPT-2's tokens.</param>
    /// <param name="words">Draws the words of a story.</param>
    internal static BabiLongOptions Of(Random random, int length, Func<Random, WorldLists> words) =>
        new() { Level = random.Pick(Levels), Length = length, Split = TaskSplit.Train, Seed = 0, Lists = words(random) };

    /// <summary>A draw's number; there is one after it.</summary>
    internal static int Index(Random random) => random.Next(int.MaxValue - 1);
}
