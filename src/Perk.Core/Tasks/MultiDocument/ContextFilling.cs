namespace Perk.Core.Tasks.MultiDocument;

/// <summary>Chooses paragraphs that fill a context.</summary>
internal static class ContextFilling
{
    /// <summary>How many paragraphs are looked at for the last gap.</summary>
    private const int Near = 64;

    /// <summary>How many of the paragraphs taken last may be exchanged for longer ones.</summary>
    private const int Last = 32;

    /// <summary>
    /// Takes candidates in their order while they fit; of the next ones then the longest that fits, until none does; then
    /// exchanges some for longer ones while that leaves less room.
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

        while (room > 0 && BestExchange(pool, taken, next, room) is { Gain: > 0 } best)
        {
            (taken[best.Taken], next[best.Next]) = (next[best.Next], taken[best.Taken]);
            room -= best.Gain;
        }

        return taken;
    }

    private static (int Taken, int Next, int Gain) BestExchange(ParagraphPool pool, List<int> taken, List<int> next, int room)
    {
        var best = (Taken: 0, Next: 0, Gain: 0);
        for (var t = Math.Max(0, taken.Count - Last); t < taken.Count; t++)
        {
            for (var n = 0; n < next.Count; n++)
            {
                var gain = pool.Cost(next[n]) - pool.Cost(taken[t]);
                if (gain > best.Gain && gain <= room) best = (t, n, gain);
            }
        }

        return best;
    }
}
