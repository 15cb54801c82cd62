using System.Text.RegularExpressions;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tasks.StudentRecords;

namespace Perk.Core.Training;

/// <summary>
/// Names, places and objects out of the words of books, other ones for each problem: from lists of a few dozen a model learns the lists, and
/// remembers nobody else. The test lists and bAbI's own words are left out.
/// </summary>
internal sealed partial class WideWorld
{
    private const int Names = 8, Places = 8, Objects = 6; // a problem's; a story takes some of them
    private const int LeastOften = 3, LeastLength = 3, MostLength = 10;

    private readonly HashSet<string> _held = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _names, _things;

    /// <summary>Reads the words of a text.</summary>
    /// <exception cref="ArgumentException">It has too few.</exception>
    public WideWorld(Haystack text)
    {
        foreach (var lists in (WorldLists[])[WorldLists.Test, WorldLists.Original]) _held.UnionWith([.. lists.Names, .. lists.Places, .. lists.Objects]);
        var (names, things) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        for (var i = 0; i < text.Count; i++)
        {
            foreach (Match match in Name().Matches(text[i].Text)) Count(names, match.Groups[1].Value);
            foreach (Match match in Thing().Matches(text[i].Text)) Count(things, match.Groups[1].Value);
        }

        _names = Often(names);
        _things = [.. Often(things).Where(word => !names.ContainsKey(char.ToUpperInvariant(word[0]) + word[1..]))];
        if (_names.Count < 4 * Names || _things.Count < 2 * (Places + Objects))
            throw new ArgumentException($"World wide needs more text: there are {_names.Count} names and {_things.Count} things in it.");

        static void Count(Dictionary<string, int> words, string word) => words[word] = words.GetValueOrDefault(word) + 1;

        List<string> Often(Dictionary<string, int> words) =>
        [
            .. words.Where(w => w.Value >= LeastOften && w.Key.Length is >= LeastLength and <= MostLength && !_held.Contains(w.Key))
                .Select(w => w.Key).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>The words of one problem.</summary>
    public WorldLists Draw(Random random)
    {
        HashSet<string> taken = new(_held, StringComparer.OrdinalIgnoreCase);
        var names = Words(_names, Names);
        var things = Words(_things, Places + Objects);
        return new WorldLists(names, things[..Places], things[Places..]);

        List<string> Words(List<string> from, int count)
        {
            var words = new List<string>();
            while (words.Count < count)
                if (Word(from, random) is var word && taken.Add(word)) words.Add(word);
            return words;
        }
    }

    /// <summary>A student's first and last name; none of the registers' test lists.</summary>
    public string StudentName(Random random)
    {
        return $"{One()} {One()}";

        string One()
        {
            while (true)
            {
                if (Word(_names, random) is var name && !StudentNames.Test.Contains(name)) return name;
            }
        }
    }

    /// <summary>A word of the books, or half of the time the beginning of one with the end of another.</summary>
    private static string Word(List<string> from, Random random)
    {
        var word = random.Pick(from);
        if (random.Next(2) == 0) return word;
        var other = random.Pick(from);
        return word[..((word.Length + 1) / 2)] + other[(other.Length / 2)..].ToLowerInvariant();
    }

    /// <summary>A capital in the midst of a sentence.</summary>
    [GeneratedRegex(@"(?<=[a-z,;] )([A-Z][a-z]+)\b(?!')")]
    private static partial Regex Name();

    /// <summary>What stands after an article, before a pause or a word that ends its phrase.</summary>
    [GeneratedRegex(@"\b(?:the|a) ([a-z]+)(?=[,.;:!?]| (?:of|in|and|was|with|at|on|to|is|had|which|that)\b)")]
    private static partial Regex Thing();
}
