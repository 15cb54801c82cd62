using System.Globalization;
using System.Text;

namespace Perk.Faults.Crashes;

/// <summary>Documents about other people each, of a few lines or a few pages.</summary>
internal static class Documents
{
    /// <summary>Who is in them.</summary>
    public static readonly string[] Names = ["Lily", "Tom", "Mia", "Ben", "Anna", "Sam", "Zoe", "Max"];
    private static readonly string[] Things = ["a red ball", "a blue kite", "an old map", "a green hat", "a small drum", "a paper boat"];
    private static readonly string[] Rooms = ["kitchen", "garden", "tower", "cellar", "office", "library"];
    private static readonly string[] Places = ["the river", "the park", "the barn", "the school", "the harbour", "the hill"];

    /// <summary>A document.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="number">Its number: another is another document.</param>
    /// <param name="lines">The fewest and the most lines.</param>
    public static byte[] Draw(int seed, int number, (int Fewest, int Most) lines)
    {
        var random = new Random((seed * 7919) + number);
        var text = new StringBuilder($"This is page {number} of the book {seed}.\n\n");
        for (var i = random.Next(lines.Fewest, lines.Most + 1); i > 0; i--)
        {
            text.Append(Of(random, Names)).Append(" took ").Append(Of(random, Things)).Append(" to ").Append(Of(random, Places)).Append(".\n");
            if (i % 8 == 0) text.Append(CultureInfo.InvariantCulture, $"{Names[i / 8 % Names.Length]} Event 0: {Names[i / 8 % Names.Length]} went to the {Of(random, Rooms)}.\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Of(Random random, string[] words) => words[random.Next(words.Length)];
}
