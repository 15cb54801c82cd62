using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Core.Training;

/// <summary>What a pretraining reads: a function of recipe, step and number. Never of the test lists.</summary>
public sealed class PretrainMixture
{
    private const int Tries = 500;

    private readonly PretrainRecipe _recipe;
    private readonly IReadOnlyList<(MixtureShare Share, ISampleSource Source)> _sources;

    /// <summary>Takes a recipe and what it needs.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="books">Text of the training books.</param>
    public PretrainMixture(PretrainRecipe recipe, TextTokenizer tokenizer, Haystack books)
    {
        _recipe = recipe;
        var wide = new Lazy<WideWorld>(() => new WideWorld(books));
        _sources = [.. recipe.Mixture.Select(share => (share, Source(share, share.Tokens ?? recipe.Tokens, tokenizer, books, share.World == "wide" ? wide.Value : null)))];
    }

    /// <summary>The sequences of a step.</summary>
    /// <exception cref="ArgumentException">A kind gives no sequence that is short enough.</exception>
    public IReadOnlyList<TrainingSample> Batch(int step) =>
        [.. Enumerable.Range(0, _recipe.Batch).Select(row => Sample(checked(step * _recipe.Batch + row)))];

    private TrainingSample Sample(int number)
    {
        var random = TaskRandom.For("pretrain", TaskSplit.Train, _recipe.Seed, number);
        var (share, source) = Pick(random);
        for (var tries = 0; tries < Tries; tries++)
        {
            if (source.Draw(random) is not { } drawn) continue;
            float[] weights = [.. drawn.Weights.Select(w => w * (float)share.LossWeight)];
            return new TrainingSample(share.Kind, drawn with { Weights = weights });
        }

        throw new ArgumentException($"The mixture's {share.Kind} gives no sequence of at most {share.Tokens ?? _recipe.Tokens} tokens; use more.");
    }

    private (MixtureShare Share, ISampleSource Source) Pick(Random random)
    {
        var at = random.NextDouble() * _sources.Sum(s => s.Share.Weight);
        foreach (var source in _sources)
        {
            at -= source.Share.Weight;
            if (at < 0) return source;
        }

        return _sources[^1];
    }

    private static ISampleSource Source(MixtureShare share, int tokens, TextTokenizer tokenizer, Haystack books, WideWorld? wide) => share.Kind switch
    {
        MixtureKind.Text => new BookWindows(tokenizer, tokens, books, wide),
        MixtureKind.StoryQuestions => new StoryQuestions(tokenizer, tokens, share.Questions, share.ContentWeight, books, wide),
        MixtureKind.Retelling => new Retellings(tokenizer, tokens, books, wide),
        MixtureKind.Records => new RecordQuestions(tokenizer, tokens, share.Questions, share.ContentWeight),
        MixtureKind.Comparisons => new Comparisons(tokenizer, tokens),
        MixtureKind.Copies => new Copies(tokenizer, tokens),
        _ => throw new ArgumentOutOfRangeException(nameof(share), share.Kind, "There is no such kind."),
    };
}
