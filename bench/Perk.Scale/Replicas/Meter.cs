using Perk.Scale.Events;

namespace Perk.Scale.Replicas;

/// <summary>Bills a replica's seconds, each once.</summary>
/// <param name="bill">The bill.</param>
/// <param name="loop">The clock.</param>
internal sealed class Meter(Bill bill, EventLoop loop)
{
    private Spent? _on;
    private double _since;

    /// <summary>Bills what was spent since the last call, and begins something else.</summary>
    /// <param name="on">What comes now; null for nothing that is billed.</param>
    public void Switch(Spent? on)
    {
        if (_on is { } spent) bill.Add(spent, loop.Now - _since);
        (_on, _since) = (on, loop.Now);
    }

    /// <summary>Says what the time since the last call was spent on.</summary>
    public void Was(Spent on)
    {
        if (_on is not null) _on = on;
    }

    /// <summary>The last document has ended: a replica that waits cools down from now on.</summary>
    public void Drained()
    {
        if (_on == Spent.Idle) Switch(Spent.Cooldown);
    }
}
