namespace Perk.Core.Tasks.BabiLong;

/// <summary>The words of a simulated world. A story takes a few of them.</summary>
public sealed record WorldLists
{
    /// <summary>Takes lists.</summary>
    /// <param name="names">Of people, at least one.</param>
    /// <param name="places">At least two.</param>
    /// <param name="objects">At least one.</param>
    /// <exception cref="ArgumentException">
    /// A list is too short, an entry is no single word of A–Z and a–z, or a word comes twice.
    /// </exception>
    public WorldLists(IReadOnlyList<string> names, IReadOnlyList<string> places, IReadOnlyList<string> objects)
    {
        Require(names, nameof(Names), 1);
        Require(places, nameof(Places), 2);
        Require(objects, nameof(Objects), 1);
        var words = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var word in (IEnumerable<string>)[.. names, .. places, .. objects])
        {
            if (!words.Add(word))
            {
                throw new ArgumentException(
                    $"'{word}' comes twice in the names, places and objects; each word must stand for one thing.");
            }
        }

        (Names, Places, Objects) = ([.. names], [.. places], [.. objects]);
    }

    /// <summary>The words of the original bAbI files.</summary>
    public static WorldLists Original { get; } = new(
        Words("Mary John Daniel Sandra"),
        Words("bathroom bedroom garden hallway kitchen office"),
        Words("apple football milk"));

    /// <summary>Those that meta-training sees, none of them in <see cref="Original"/> or <see cref="Test"/>.</summary>
    public static WorldLists Train { get; } = new(
        Words(
            """
            Anna Peter Susan David Helen Robert Laura Thomas Julia Michael Sarah James Alice Henry Maria George
            Emily William Nancy Edward Linda Charles Karen Martin Jane Simon Rachel Andrew Diana Patrick Claire
            Victor Sophie Oscar Martha Albert Irene Arthur Monica Philip Teresa Leonard Barbara Kevin Sally
            Brian Wendy Gary
            """),
        Words(
            """
            library cellar balcony garage nursery pantry studio museum market school station church theater
            bakery hotel park stable workshop harbor cafe
            """),
        Words("book lamp key hat ball cup basket letter umbrella guitar camera bread candle hammer coat orange"));

    /// <summary>Those that meta-training never sees.</summary>
    public static WorldLists Test { get; } = new(
        Words(
            """
            Zoe Paul Lucy Adam Ruth Eric Clara Hugo Nora Felix Ellen Bruno Carol Oliver Judith Samuel Elena
            Walter Betty Gordon Agnes Howard Fiona Ralph Vera Stephen Paula Kenneth Donna Harold Jessica Roger
            Amanda Douglas Rebecca Leo Marion Ivan Christine Norman Sylvia Edgar Hannah Jeffrey Louise Dennis
            Tina Alfred
            """),
        Words(
            """
            attic porch terrace laundry basement closet gallery hospital airport bank farm prison palace
            restaurant gym beach forest tower shop lobby
            """),
        Words("bottle pencil ring knife mirror map banana cake watch blanket spoon ticket clock bag phone shovel pillow violin"));

    /// <summary>People.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Where they go.</summary>
    public IReadOnlyList<string> Places { get; }

    /// <summary>What they take and leave.</summary>
    public IReadOnlyList<string> Objects { get; }

    /// <summary>The lists of a split.</summary>
    public static WorldLists For(TaskSplit split) => split == TaskSplit.Train ? Train : Test;

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static void Require(IReadOnlyList<string> words, string list, int least)
    {
        if (words.Count < least)
            throw new ArgumentException($"{list} has {words.Count} entries; a world needs at least {least}.");
        foreach (var word in words)
        {
            if (word.Length == 0 || !word.All(char.IsAsciiLetter))
            {
                throw new ArgumentException(
                    $"{list} has the entry '{word}'; an entry is a single word of the letters A-Z and a-z.");
            }
        }
    }
}
