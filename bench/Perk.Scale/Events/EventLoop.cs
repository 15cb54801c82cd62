namespace Perk.Scale.Events;

/// <summary>
/// Next-event time advance (Law, Simulation Modeling and Analysis): what was planned happens in the order of its
/// time, of the same time in the order of planning, and the clock jumps from one to the next.
/// </summary>
internal sealed class EventLoop
{
    private const int EventsBetweenChecks = 4096;
    private readonly PriorityQueue<Planned, (double Time, long Order)> _planned = new();
    private long _order;

    /// <summary>The simulated time in seconds; 0 at the start.</summary>
    public double Now { get; private set; }

    /// <summary>Plans something.</summary>
    /// <param name="delay">In how many seconds, 0 or more.</param>
    /// <param name="act">What happens then.</param>
    public Planned After(double delay, Action act)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(delay);
        var planned = new Planned(act);
        _planned.Enqueue(planned, (Now + delay, _order++));
        return planned;
    }

    /// <summary>Lets things happen until nothing is planned or it is over.</summary>
    /// <param name="over">Asked before each event.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="OperationCanceledException"/>
    public void Run(Func<bool> over, CancellationToken cancel)
    {
        for (long i = 0; !over() && _planned.TryDequeue(out var next, out var at); i++)
        {
            if (i % EventsBetweenChecks == 0) cancel.ThrowIfCancellationRequested();
            if (next.IsCancelled) continue;
            Now = at.Time;
            next.Act();
        }
    }
}

/// <summary>Something that will happen unless it is cancelled.</summary>
/// <param name="act">What happens.</param>
internal sealed class Planned(Action act)
{
    /// <summary>Whether it will not.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Does it.</summary>
    public void Act() => act();

    /// <summary>It will not happen.</summary>
    public void Cancel() => IsCancelled = true;
}
