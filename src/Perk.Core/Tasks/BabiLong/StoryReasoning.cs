namespace Perk.Core.Tasks.BabiLong;

/// <summary>Finds what the facts of a story tell, as the questions of the bAbI files put it.</summary>
/// <remarks>
/// Where an object is follows from who dropped it and where they had gone, or from who grabbed it and where they went since. Where
/// it was before follows from the last two moves of who holds it, or held it last, both since they grabbed it.
/// </remarks>
internal static class StoryReasoning
{
    /// <summary>Every question that the facts answer; the latest of an entity comes before its others.</summary>
    internal static List<StoryQuestion> Questions(BabiLevel level, IReadOnlyList<StoryFact> facts) => level switch
    {
        BabiLevel.Qa1 => [.. Moves(facts).Select(m => new StoryQuestion(level, m.Agent, null, facts[m.At[^1]].Target, [m.At[^1]]))],
        BabiLevel.Order => [.. Moves(facts).SelectMany(m => Arrivals(m.Agent, m.At, facts))],
        _ => [.. Objects(facts).Select(o => About(level, o.Thing, o.Agent, o.Grab, o.Drop, facts)).OfType<StoryQuestion>()],
    };

    private static IEnumerable<(string Agent, List<int> At)> Moves(IReadOnlyList<StoryFact> facts) =>
        Enumerable.Range(0, facts.Count).Where(i => facts[i].Action == FactAction.Move)
            .GroupBy(i => facts[i].Agent, StringComparer.Ordinal).Select(g => (g.Key, g.ToList()));

    /// <summary>Where an agent came from, for the places they came to once: others would be ambiguous.</summary>
    private static IEnumerable<StoryQuestion> Arrivals(string agent, List<int> moves, IReadOnlyList<StoryFact> facts)
    {
        var visits = moves.CountBy(i => facts[i].Target, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        for (var k = moves.Count - 1; k > 0; k--)
        {
            var place = facts[moves[k]].Target;
            if (visits[place] == 1)
                yield return new(BabiLevel.Order, agent, place, facts[moves[k - 1]].Target, [moves[k - 1], moves[k]]);
        }
    }

    /// <summary>Each object's last holder, when they grabbed it and when they dropped it, if they did.</summary>
    private static IEnumerable<(string Thing, string Agent, int Grab, int? Drop)> Objects(IReadOnlyList<StoryFact> facts)
    {
        var last = new Dictionary<string, (string Agent, int Grab, int? Drop)>(StringComparer.Ordinal);
        var order = new List<string>();
        for (var i = 0; i < facts.Count; i++)
        {
            var (_, action, agent, target) = facts[i];
            if (action == FactAction.Move) continue;
            if (!last.TryGetValue(target, out var before)) order.Add(target);
            last[target] = action == FactAction.Grab ? (agent, i, null) : (agent, before.Agent == agent ? before.Grab : i, i);
        }

        return order.Select(t => (t, last[t].Agent, last[t].Grab, last[t].Drop));
    }

    private static StoryQuestion? About(
        BabiLevel level, string thing, string agent, int grab, int? drop, IReadOnlyList<StoryFact> facts)
    {
        // A dropped object lies where its holder was, whenever they came there: QA2 needs no grab.
        var from = level == BabiLevel.Qa2 && drop is not null ? 0 : grab;
        List<int> moves = [];
        for (var i = from; i < (drop ?? facts.Count); i++)
        {
            if (facts[i].Action == FactAction.Move && facts[i].Agent == agent) moves.Add(i);
        }

        var needed = level == BabiLevel.Qa2 ? 1 : 2;
        if (moves.Count < needed) return null;
        int[] used = [.. moves[^needed..]];
        int[] support = [.. ((int[])[.. used, drop ?? grab]).Order()];
        return level == BabiLevel.Qa2
            ? new(level, thing, null, facts[used[0]].Target, support)
            : new(level, thing, facts[used[1]].Target, facts[used[0]].Target, support);
    }
}
