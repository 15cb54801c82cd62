namespace Perk.Core.Tasks;

/// <summary>A context of records of the same form, one a line, as many as fit.</summary>
/// <typeparam name="T">What a record tells.</typeparam>
internal sealed class LineRegister<T>
{
    private const int ShorterTries = 32; // Records that did not fit before the context counts as full.

    private readonly ContextBuilder _context = new();
    private readonly List<T> _records = [];
    private readonly List<PlacedPiece> _places = [];

    /// <summary>Fills a context.</summary>
    /// <param name="length">The most tokens.</param>
    /// <param name="records">Records without end; those that no longer fit are left out.</param>
    /// <param name="line">A record as text.</param>
    internal LineRegister(int length, IEnumerable<T> records, Func<T, string> line)
    {
        var misfits = 0;
        foreach (var record in records)
        {
            var text = line(record);
            if (_context.Tokens + _context.Cost("\n", text) <= length)
            {
                _places.Add(_context.Add("\n", text));
                _records.Add(record);
            }
            else if (++misfits == ShorterTries)
            {
                break;
            }
        }
    }

    /// <summary>The records, in order.</summary>
    internal IReadOnlyList<T> Records => _records;

    /// <summary>The context.</summary>
    internal string Text => _context.Text;

    /// <summary>Its length.</summary>
    internal int Tokens => _context.Tokens;

    /// <summary>A record as a supporting fact.</summary>
    /// <param name="record">Its number.</param>
    internal SupportingFact Fact(int record) => _context.Fact(_places[record]);

    /// <summary>The numbers of several records, those nearest to a depth, or any; in random order.</summary>
    /// <param name="depth">Where in the context.</param>
    /// <param name="count">How many; all where there are fewer.</param>
    /// <param name="random">Chooses any, and their order.</param>
    internal List<int> Near(NeedleDepth depth, int count, Random random)
    {
        List<int> near = [.. Enumerable.Range(0, _records.Count)];
        if (depth.Share is { } share) near = [.. near.OrderBy(i => Math.Abs(Fact(i).Depth - share)).Take(count)];
        return random.PickDistinct(near, Math.Min(count, near.Count));
    }

    /// <summary>Checks a depth that an option gives.</summary>
    /// <exception cref="ArgumentException">It is not a share of the context.</exception>
    internal static void Check(NeedleDepth depth)
    {
        if (depth.Share is { } share && !(share >= 0 && share <= 1))
            throw new ArgumentException(FormattableString.Invariant($"Depth is {share}; it must be random or from 0 to 1."));
    }
}
