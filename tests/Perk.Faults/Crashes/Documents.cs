using System.Text;

namespace Perk.Faults.Crashes;

/// <summary>Documents about other people each, of a few lines or a few pages.</summary>
internal static class Documents
{
    private static readonly string[] Names = ["Lily", "Tom", "Mia", "Ben", "Anna", "Sam", "Zoe", "Max"];
    private static readonly string[] Things = ["a red ball", "a blue kite", "an old map", "a green hat", "a small drum", "a paper boat"];
    private static readonly string[] Places = ["the river", "the park", "the barn", "the school", "the harbour", "the hill"];

    /// <summary>A document.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="number">Its number: another is another document.</param>
    /// <param name="lines">The fewest and the most lines.</param>
    public static byte[] Draw(int seed, int number, (int Fewest, int Most) lines)
    {
        var random = new Random(HashCode.Combine(seed, number, 17));
        var text = new StringBuilder($"This is page {number} of the book {seed}.\n\n");
        for (var i = random.Next(lines.Fewest, lines.Most + 1); i > 0; i--)
            text.Append(Of(random, Names)).Append(" took ").Append(Of(random, Things)).Append(" to ").Append(Of(random, Places)).Append(" and gave it to ").Append(Of(random, Names)).Append(".\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Of(Random random, string[] words) => words[random.Next(words.Length)];
}
