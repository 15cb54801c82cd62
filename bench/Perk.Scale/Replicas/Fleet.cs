using Perk.Scale.Events;
using Perk.Scale.Parameters;

namespace Perk.Scale.Replicas;

/// <summary>The replicas of an app.</summary>
/// <param name="around">What they share.</param>
internal sealed class Fleet(Surroundings around)
{
    private readonly List<Replica> _serving = [];
    private readonly List<Replica> _stopping = [];

    /// <summary>Replicas that were not told to go.</summary>
    public int Count => _serving.Count;

    /// <summary>Whether none is left, not even one that is about to go.</summary>
    public bool IsGone => _serving.Count + _stopping.Count == 0;

    /// <summary>Replicas that were started.</summary>
    public int Started { get; private set; }

    /// <summary>The most there were.</summary>
    public int Peak { get; private set; }

    /// <summary>Starts or stops replicas until there are so many.</summary>
    public void ScaleTo(int replicas)
    {
        for (; Count < replicas; Started++)
        {
            var replica = new Replica(around, one => _stopping.Remove(one));
            _serving.Add(replica);
            replica.Start();
        }

        Peak = Math.Max(Peak, Count);
        while (Count > replicas)
        {
            var one = Choose();
            _serving.Remove(one);
            _stopping.Add(one);
            one.Stop();
        }
    }

    /// <summary>The last document has ended.</summary>
    public void Drained()
    {
        around.Bill.IsDrained = true;
        foreach (var replica in _serving) replica.Drained();
    }

    /// <summary>Bills what was spent until now; the run is over.</summary>
    public void Settle()
    {
        foreach (var replica in _serving.Concat(_stopping)) replica.Settle();
    }

    private Replica Choose()
    {
        if (around.Options.Scaler.ScaleIn == ScaleIn.IdleFirst && _serving.Find(r => !r.IsWorking) is { } idle) return idle;
        return _serving[around.Draws[Purpose.Scaling].Next(_serving.Count)];
    }
}
