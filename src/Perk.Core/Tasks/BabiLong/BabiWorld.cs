namespace Perk.Core.Tasks.BabiLong;

/// <summary>
/// People who go about, take objects and leave them: the world of bAbI tasks 1 to 3 (Weston et al. 2015, arXiv 1502.05698).
/// </summary>
/// <remarks>
/// Everybody and everything is somewhere from the start, which nothing tells. What happens next is one of all that can: a move of
/// each person, the grab of each free object by each person who is where it lies, the drop of each held object; all equally
/// likely. A move goes to any other place. This gives the mix of actions that the original files have.
/// </remarks>
internal sealed class BabiWorld
{
    private readonly BabiLevel _level;
    private readonly Random _random;
    private readonly List<string> _names;
    private readonly List<string> _places;
    private readonly List<string> _objects;
    private readonly int[] _whereIs;
    private readonly int[] _liesIn;
    private readonly int?[] _heldBy;
    private readonly List<(FactAction Action, int Agent, int Target)> _possible = [];

    /// <summary>Draws who and what there is.</summary>
    /// <param name="level">Only <see cref="BabiLevel.Qa2"/> and <see cref="BabiLevel.Qa3"/> have objects.</param>
    /// <param name="lists">The words.</param>
    /// <param name="size">How many of them.</param>
    /// <param name="random">Where chance comes from.</param>
    internal BabiWorld(BabiLevel level, WorldLists lists, StorySize size, Random random)
    {
        (_level, _random) = (level, random);
        _names = random.PickDistinct(lists.Names, Math.Min(size.Names, lists.Names.Count));
        _places = random.PickDistinct(lists.Places, Math.Min(size.Places, lists.Places.Count));
        _objects = level is BabiLevel.Qa2 or BabiLevel.Qa3
            ? random.PickDistinct(lists.Objects, Math.Min(size.Objects, lists.Objects.Count))
            : [];
        _whereIs = [.. _names.Select(_ => random.Next(_places.Count))];
        _liesIn = [.. _objects.Select(_ => random.Next(_places.Count))];
        _heldBy = new int?[_objects.Count];
    }

    /// <summary>Lets the next thing happen.</summary>
    internal StoryFact Step()
    {
        ListPossible();
        var (action, agent, target) = _random.Pick(_possible);
        switch (action)
        {
            case FactAction.Move:
                target = _random.Next(_places.Count - 1);
                if (target >= _whereIs[agent]) target++;
                _whereIs[agent] = target;
                return StoryFact.Tell(action, _names[agent], _places[target], there: false, _random);
            case FactAction.Grab:
                _heldBy[target] = agent;
                return StoryFact.Tell(action, _names[agent], _objects[target], _level == BabiLevel.Qa2 || SaysThere(), _random);
            default:
                (_heldBy[target], _liesIn[target]) = (null, _whereIs[agent]);
                return StoryFact.Tell(action, _names[agent], _objects[target], SaysThere(), _random);
        }
    }

    /// <summary>The original files do so in a fifth of the sentences, in QA2 with every grab.</summary>
    private bool SaysThere() => _random.Next(5) == 0;

    private void ListPossible()
    {
        _possible.Clear();
        for (var agent = 0; agent < _names.Count; agent++) _possible.Add((FactAction.Move, agent, 0));
        for (var thing = 0; thing < _objects.Count; thing++)
        {
            if (_heldBy[thing] is { } holder)
            {
                _possible.Add((FactAction.Drop, holder, thing));
                continue;
            }

            for (var agent = 0; agent < _names.Count; agent++)
            {
                if (_whereIs[agent] == _liesIn[thing]) _possible.Add((FactAction.Grab, agent, thing));
            }
        }
    }
}

/// <summary>How many of a world's words a story takes; as many as there are where a list has fewer.</summary>
/// <param name="Names">People.</param>
/// <param name="Places">Places.</param>
/// <param name="Objects">Objects.</param>
internal sealed record StorySize(int Names, int Places, int Objects);
