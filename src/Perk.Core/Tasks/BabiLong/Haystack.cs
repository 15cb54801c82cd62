namespace Perk.Core.Tasks.BabiLong;

/// <summary>Natural text, sentence by sentence, of which contexts take stretches.</summary>
/// <remarks>Its tokens are counted where they are needed: ten megabytes are read and cut in well under a second.</remarks>
public sealed class Haystack
{
    private readonly string _source;
    private readonly List<HaystackSentence> _sentences = [];
    private readonly int[] _costs;

    private Haystack(string source, IEnumerable<string> texts)
    {
        _source = source;
        foreach (var text in texts) _sentences.AddRange(HaystackSentence.Cut(text));
        if (_sentences.Count == 0)
            throw new TaskDataException(source, "has no text; expected .txt files (UTF-8) with sentences in them.");
        _costs = new int[_sentences.Count];
    }

    /// <summary>How many sentences it has.</summary>
    internal int Count => _sentences.Count;

    /// <summary>Reads the <c>.txt</c> and <c>.txt.gz</c> files of a folder in the order of their names.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="only">Which files, by name without extension; null for all.</param>
    /// <param name="except">Which files not, likewise.</param>
    /// <remarks>Paragraphs are lines, or stand between empty lines where most lines end within a sentence.</remarks>
    /// <exception cref="TaskDataException">The folder or a file cannot be read, a named file is not there, or there is no text.</exception>
    public static Haystack FromFolder(string folder, IReadOnlyCollection<string>? only = null, IReadOnlyCollection<string>? except = null) =>
        new(folder, TextFolder.Files(folder, only, except).Select(TaskFile.ReadText));

    /// <summary>Takes texts, the first one follows the last.</summary>
    /// <exception cref="TaskDataException">There is no text in them.</exception>
    public static Haystack FromTexts(params IEnumerable<string> texts) => new("haystack", texts);

    /// <summary>Refuses contexts longer than the text.</summary>
    /// <exception cref="TaskDataException">It has fewer tokens.</exception>
    internal void Require(int tokens)
    {
        var found = 0L;
        for (var i = 0; i < Count && found < tokens; i++) found += Cost(i);
        if (found < tokens)
            throw new TaskDataException(_source, $"has {found} tokens of text; contexts of {tokens} tokens were asked for.");
    }

    /// <summary>A sentence.</summary>
    internal HaystackSentence this[int index] => _sentences[index];

    /// <summary>The tokens a sentence adds after others, with the white space before it.</summary>
    internal int Cost(int index)
    {
        if (_costs[index] == 0) _costs[index] = ContextBuilder.Count(_sentences[index].Separator + _sentences[index].Text);
        return _costs[index];
    }

    /// <summary>A stretch that begins with a random sentence.</summary>
    /// <param name="budget">The most tokens it may have.</param>
    /// <param name="random">Where chance comes from.</param>
    /// <returns>Numbers of consecutive sentences; in place of one that no longer fits, later ones that do.</returns>
    internal List<int> Stretch(int budget, Random random)
    {
        const int MostMisses = 24;
        var (first, misses) = (random.Next(Count), 0);
        var stretch = new List<int>();
        for (var i = 0; i < Count && misses < MostMisses; i++)
        {
            var index = (first + i) % Count;
            // The first may stand without white space before it, which may take a token more.
            var cost = stretch.Count == 0 ? Math.Max(Cost(index), ContextBuilder.Count(_sentences[index].Text)) : Cost(index);
            if (cost > budget)
            {
                misses++;
                continue;
            }

            stretch.Add(index);
            budget -= cost;
        }

        return stretch;
    }
}
