using Perk.Core.Models;
using Perk.Core.Tasks;

namespace Perk.Core.Training;

/// <summary>
/// Lines of random tokens, told again in another order, with loss on what each ends with: it must be bound to the line's beginning, a key of one token, or of
/// two that come in other lines too, as the tokens of names do. Between the two stand tokens that many lines share, as verbs do.
/// </summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="tokens">The longest sequence.</param>
internal sealed class Lines(TextTokenizer tokenizer, int tokens) : ISampleSource
{
    private const int Fewest = 2, Most = 16, MostBetween = 5, MostToTell = 3;
    private const int Longest = 2 + MostBetween + MostToTell;

    private readonly int[] _end = tokenizer.Encode("\n");

    /// <inheritdoc/>
    public WeightedSequence? Draw(Random random)
    {
        var most = Math.Min(Most, tokens / (2 * (Longest + _end.Length)));
        if (most < Fewest) return null;
        var lines = Drawn(random, random.Next(Fewest, most + 1));
        var (ids, weights) = (new List<int>(), new List<float>());
        foreach (var (key, told) in lines) Add(key, told, 0);
        foreach (var (key, told) in random.PickDistinct(lines, lines.Count)) Add(key, told, 1);
        return new WeightedSequence([.. ids], [.. weights]);

        void Add(int[] key, int[] told, float weight)
        {
            ids.AddRange([.. key, .. told, .. _end]);
            weights.AddRange([.. new float[key.Length], .. told.Select(_ => weight), .. new float[_end.Length]]);
        }
    }

    private List<(int[] Key, int[] Told)> Drawn(Random random, int count)
    {
        int[][] between = [Some(random, 0, MostBetween), Some(random, 0, MostBetween)];
        return Keys(random, count).ConvertAll(key => ((int[])[.. key, .. random.Pick(between)], Some(random, 1, MostToTell)));
    }

    private List<int[]> Keys(Random random, int count)
    {
        if (random.Next(2) == 0) return [.. Enumerable.Range(0, 2 * count).Select(_ => tokenizer.RandomToken(random)).Distinct().Take(count).Select(id => (int[])[id])];
        // So many tokens make more than enough pairs, and each is in several.
        var pool = Enumerable.Range(0, 3 + (int)Math.Sqrt(2 * count)).Select(_ => tokenizer.RandomToken(random)).Distinct().ToList();
        var pairs = pool.SelectMany(_ => pool, (a, b) => (int[])[a, b]).ToList();
        return random.PickDistinct(pairs, Math.Min(count, pairs.Count));
    }

    private int[] Some(Random random, int fewest, int most) => [.. Enumerable.Range(0, random.Next(fewest, most + 1)).Select(_ => tokenizer.RandomToken(random))];
}
