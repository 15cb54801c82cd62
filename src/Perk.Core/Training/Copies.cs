using Perk.Core.Models;
using Perk.Core.Tasks;

namespace Perk.Core.Training;

/// <summary>
/// Random tokens that are told twice, with loss the second time: a quarter of the sequences as they were, which teaches to copy at all; the others as
/// lines in another order, of which the first two tokens come in other lines too and only both together tell what the line ends with, as a name of
/// several tokens does. Between the two stand tokens that many lines share, as verbs do: what the line ends with must be bound to its beginning.
/// </summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="tokens">The longest sequence.</param>
internal sealed class Copies(TextTokenizer tokenizer, int tokens) : ISampleSource
{
    private const int ShortestPassage = 8;
    private const int FewestLines = 3, MostLines = 24, MostBetween = 4, MostToTell = 3;
    private const int LongestLine = 2 + MostBetween + MostToTell;

    private readonly int[] _end = tokenizer.Encode("\n");

    /// <inheritdoc/>
    public WeightedSequence? Draw(Random random) => random.Next(4) == 0 ? Passage(random) : Lines(random);

    private WeightedSequence? Passage(Random random)
    {
        if (tokens / 2 < ShortestPassage) return null;
        int[] passage = [.. Enumerable.Range(0, random.Next(ShortestPassage, tokens / 2 + 1)).Select(_ => Token(random))];
        return WeightedSequence.Of([.. passage, passage[0]], passage[1..]);
    }

    private WeightedSequence? Lines(Random random)
    {
        var most = Math.Min(MostLines, tokens / (2 * (LongestLine + _end.Length)));
        if (most < FewestLines) return null;
        var lines = Lines(random, random.Next(FewestLines, most + 1));
        var sequence = WeightedSequence.Of([.. lines.SelectMany(l => l.Key.Concat(l.Told).Concat(_end))], []);
        foreach (var (key, told) in random.PickDistinct(lines, lines.Count))
        {
            var line = WeightedSequence.Of([.. key], [.. told]);
            sequence = new WeightedSequence(
                [.. sequence.Ids, .. line.Ids, .. _end], [.. sequence.Weights, .. line.Weights, .. _end.Select(_ => 0f)]);
        }

        return sequence;
    }

    private List<(int[] Key, int[] Told)> Lines(Random random, int count)
    {
        // So many tokens make more than enough pairs, and each is in several.
        var pool = Enumerable.Range(0, 3 + (int)Math.Sqrt(2 * count)).Select(_ => Token(random)).Distinct().ToList();
        var pairs = pool.SelectMany(_ => pool, (a, b) => (int[])[a, b]).ToList();
        int[][] between = [Some(random, 0, MostBetween), Some(random, 0, MostBetween)];
        return random.PickDistinct(pairs, Math.Min(count, pairs.Count))
            .ConvertAll(key => ((int[])[.. key, .. random.Pick(between)], Some(random, 1, MostToTell)));
    }

    private int[] Some(Random random, int fewest, int most) => [.. Enumerable.Range(0, random.Next(fewest, most + 1)).Select(_ => Token(random))];

    private int Token(Random random)
    {
        while (true)
            if (random.Next(tokenizer.VocabularySize) is var id && id != tokenizer.EosId) return id;
    }
}
