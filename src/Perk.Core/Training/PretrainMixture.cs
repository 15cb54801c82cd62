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
        _sources = [.. recipe.Mixture.Select(share => (share, Source(share, share.Tokens ?? recipe.Tokens, tokenizer, books, Words(share.World), Names(share.World))))];

        Func<Random, WorldLists> Words(string world) => world switch
        {
            "original" => _ => WorldLists.Original,
            "wide" => random => wide.Value.Draw(random),
            "all" => random => random.Next(4) switch { 0 => WorldLists.Train, 1 => WorldLists.Original, _ => wide.Value.Draw(random) },
            _ => _ => WorldLists.Train,
        };

        Func<Random, Func<Random, string>?> Names(string world) => world switch
        {
            "wide" => _ => wide.Value.StudentName,
            "all" => random => random.Next(2) == 0 ? wide.Value.StudentName : null,
            _ => _ => null,
        };
    }

    /// <summary>The sequences of a step.</summary>
    /// <exception cref="ArgumentException">A kind gives no sequence that is short enough.</exception>
    public IReadOnlyList<TrainingSample> Batch(int step) =>
        [.. Enumerable.Range(0, _recipe.Batch).Select(row => Sample(checked(step * _recipe.Batch + row)))];

    private TrainingSample Sample(int number)
    {
        var random = TaskRandom.For("pretrain", TaskSplit.Train, _recipe.Seed, number);
        var (share, source) = Pick(random, number / _recipe.Batch);
        for (var tries = 0; tries < Tries; tries++)
        {
            if (source.Draw(random) is not { } drawn) continue;
            float[] weights = [.. drawn.Weights.Select(w => w * (float)share.LossWeight)];
            return new TrainingSample(share.Kind, drawn with { Weights = weights });
        }

        throw new ArgumentException($"The mixture's {share.Kind} gives no sequence of at most {share.Tokens ?? _recipe.Tokens} tokens; use more.");
    }

    private (MixtureShare Share, ISampleSource Source) Pick(Random random, int step)
    {
        var begun = _sources.Where(s => s.Share.From <= step).ToList();
        var at = random.NextDouble() * begun.Sum(s => s.Share.Weight);
        foreach (var source in begun)
        {
            at -= source.Share.Weight;
            if (at < 0) return source;
        }

        return begun[^1];
    }

    private static ISampleSource Source(MixtureShare share, int tokens, TextTokenizer tokenizer, Haystack books, Func<Random, WorldLists> words,
        Func<Random, Func<Random, string>?> names) => share.Kind switch
    {
        MixtureKind.Text => new BookWindows(tokenizer, tokens, books, words),
        MixtureKind.StoryQuestions => new StoryQuestions(tokenizer, tokens, share.Questions, share.ContentWeight, books, words),
        MixtureKind.Retelling => new Retellings(tokenizer, tokens, books, words),
        MixtureKind.Records => new RecordQuestions(tokenizer, tokens, share.Questions, share.ContentWeight, names),
        MixtureKind.Comparisons => new Comparisons(tokenizer, tokens),
        MixtureKind.Copies => new Copies(tokenizer, tokens),
        MixtureKind.Lines => new Lines(tokenizer, tokens),
        _ => throw new ArgumentOutOfRangeException(nameof(share), share.Kind, "There is no such kind."),
    };
}
