namespace Perk.Core.Tasks.MultiDocument;

/// <summary>Chooses paragraphs that fill a context.</summary>
internal static class ContextFilling
{
    /// <summary>How many paragraphs are looked at for the last gap.</summary>
    private const int Near = 64;

    /// <summary>
    /// Takes candidates in their order while they fit; of the next ones then the longest that fits, until none does.
    /// </summary>
    /// <param name="pool">The paragraphs.</param>
    /// <param name="candidates">Numbers of paragraphs that may be taken, each once.</param>
    /// <param name="room">Tokens to fill.</param>
    /// <returns>What was taken; null where the candidates end before the room does.</returns>
    internal static List<int>? Fill(ParagraphPool pool, IEnumerable<int> candidates, int room)
    {
        var (taken, next) = (new List<int>(), new List<int>());
        foreach (var candidate in candidates)
        {
            if (next.Count == 0 && pool.Cost(candidate) <= room)
            {
                taken.Add(candidate);
                room -= pool.Cost(candidate);
                if (room == 0) return taken;
            }
            else
            {
                next.Add(candidate);
                if (next.Count == Near) break;
            }
        }

        if (next.Count == 0 && room > 0) return null;
        while (next.Where(n => pool.Cost(n) <= room).ToArray() is { Length: > 0 } fitting)
        {
            var longest = fitting.MaxBy(pool.Cost); // of equals the first
            taken.Add(longest);
            next.Remove(longest);
            room -= pool.Cost(longest);
        }

        return taken;
    }
}
