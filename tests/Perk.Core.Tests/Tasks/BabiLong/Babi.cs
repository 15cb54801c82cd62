using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Core.Tests.Tasks.BabiLong;

/// <summary>What the tests of this folder share.</summary>
internal static class Babi
{
    private static readonly string[] Words =
        ("the a of and river captain ship wind said old night stone long before under water hand light went came small door winter "
            + "road voice horse").Split(' ');

    /// <summary>About 90,000 tokens of sentences that mean nothing and name nobody.</summary>
    internal static Haystack Hay { get; } = Haystack.FromTexts(Book(1), Book(2), Book(3));

    internal static StorySize Size { get; } = new(4, 6, 3);

    internal static BabiFile File(BabiLevel level) =>
        BabiFile.Load(RepositoryFiles.Fixture("babi", $"{level.ToString().ToLowerInvariant()}.txt"));

    internal static Problem Problem(this BabiLongTask task, int index) =>
        task.Draw(index).Problem ?? throw new InvalidOperationException(task.Draw(index).Dropped);

    /// <summary>The lines of a story in a context.</summary>
    internal static List<string> EventLines(string context) =>
        [.. System.Text.RegularExpressions.Regex.Matches(context, @"[A-Za-z]+ Event [0-9]+: [^.]*\.").Select(m => m.Value)];

    private static string Book(int seed)
    {
        var random = new Random(seed);
        return string.Join('\n', Enumerable.Range(0, 500).Select(_ => Paragraph(random)));
    }

    private static string Paragraph(Random random) =>
        string.Join(' ', Enumerable.Range(0, random.Next(1, 8)).Select(_ => Sentence(random)));

    private static string Sentence(Random random)
    {
        var words = string.Join(' ', Enumerable.Range(0, random.Next(3, 25)).Select(_ => Words[random.Next(Words.Length)]));
        return char.ToUpperInvariant(words[0]) + words[1..] + '.';
    }
}
