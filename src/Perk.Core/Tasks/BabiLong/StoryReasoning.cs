namespace Perk.Core.Tasks.BabiLong;

/// <summary>Finds what the facts of a story tell, as the questions of the bAbI files put it.</summary>
/// <remarks>
/// Where an object is follows from who dropped it and where they had gone, or from who grabbed it and where they went since.
/// Where it was before a place follows from two moves of who holds it, or held it last, both since they grabbed it: to the place
/// for the last time, and the one before.
/// </remarks>
internal static class StoryReasoning
{
    /// <summary>Every question that the facts answer.</summary>
    internal static List<StoryQuestion> Questions(BabiLevel level, IReadOnlyList<StoryFact> facts) => level switch
    {
        BabiLevel.Qa1 => [.. Moves(facts)
            .Select(m => new StoryQuestion(level, m.Agent, null, facts[m.At[^1]].Target, [m.At[^1]]))],
        BabiLevel.Order => [.. Moves(facts).SelectMany(m => Arrivals(m.Agent, m.At, facts))],
        BabiLevel.Qa2 => [.. Objects(facts).SelectMany(o => Now(o, facts))],
        _ => [.. Objects(facts).SelectMany(o => Before(o, facts))],
    };

    private static IEnumerable<(string Agent, List<int> At)> Moves(IReadOnlyList<StoryFact> facts) =>
        Enumerable.Range(0, facts.Count).Where(i => facts[i].Action == FactAction.Move)
            .GroupBy(i => facts[i].Agent, StringComparer.Ordinal).Select(g => (g.Key, g.ToList()));

    /// <summary>Where an agent came from, for the places they came to once: others would be ambiguous.</summary>
    private static IEnumerable<StoryQuestion> Arrivals(string agent, List<int> moves, IReadOnlyList<StoryFact> facts)
    {
        var visits = moves.CountBy(i => facts[i].Target, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return moves.Zip(moves.Skip(1)).Where(m => visits[facts[m.Second].Target] == 1)
            .Select(m => new StoryQuestion(
                BabiLevel.Order, agent, facts[m.Second].Target, facts[m.First].Target, [m.First, m.Second]));
    }

    private static IEnumerable<StoryQuestion> Now(Handled thing, IReadOnlyList<StoryFact> facts)
    {
        // A dropped object lies where its holder was, whenever they came there.
        var moves = MovesOf(thing.Agent, thing.Drop is null ? thing.Grab : 0, thing.Drop ?? facts.Count, facts);
        if (moves.Count > 0) yield return About(BabiLevel.Qa2, thing, null, [moves[^1]], facts);
    }

    private static IEnumerable<StoryQuestion> Before(Handled thing, IReadOnlyList<StoryFact> facts)
    {
        var moves = MovesOf(thing.Agent, thing.Grab, thing.Drop ?? facts.Count, facts);
        for (var k = 1; k < moves.Count; k++)
        {
            var place = facts[moves[k]].Target;
            if (moves.Skip(k + 1).All(i => facts[i].Target != place))
                yield return About(BabiLevel.Qa3, thing, place, [moves[k - 1], moves[k]], facts);
        }
    }

    private static StoryQuestion About(
        BabiLevel level, Handled thing, string? before, int[] moves, IReadOnlyList<StoryFact> facts)
    {
        var handled = thing.Drop ?? thing.Grab;
        var end = thing.Drop ?? facts.Count;
        return new(level, thing.Name, before, facts[moves[0]].Target, [.. ((int[])[.. moves, handled]).Order()])
        {
            Lead = [handled, .. Enumerable.Range(moves[0], end - moves[0]).Reverse().Where(i => facts[i].Agent == thing.Agent)],
        };
    }

    private static List<int> MovesOf(string agent, int from, int to, IReadOnlyList<StoryFact> facts)
    {
        List<int> moves = [];
        for (var i = from; i < to; i++)
        {
            if (facts[i].Action == FactAction.Move && facts[i].Agent == agent) moves.Add(i);
        }

        return moves;
    }

    /// <summary>Every object that somebody grabbed or dropped, with the last one who did.</summary>
    private static List<Handled> Objects(IReadOnlyList<StoryFact> facts)
    {
        var last = new OrderedDictionary<string, Handled>(StringComparer.Ordinal);
        for (var i = 0; i < facts.Count; i++)
        {
            var (_, action, agent, name) = facts[i];
            if (action == FactAction.Grab) last[name] = new(name, agent, i, null);
            if (action == FactAction.Drop) last[name] = new(name, agent, last.TryGetValue(name, out var held) ? held.Grab : i, i);
        }

        return [.. last.Values];
    }

    /// <summary>An object's last holder, when they grabbed it, and when they dropped it if they did.</summary>
    private sealed record Handled(string Name, string Agent, int Grab, int? Drop);
}
