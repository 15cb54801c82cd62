using MathNet.Numerics.Distributions;
using Perk.Scale.Events;

namespace Perk.Scale.Replicas;

/// <summary>A replica: it starts, receives one message at a time, and ends when it is told to; killed, it starts again in its place.</summary>
/// <param name="around">What replicas share.</param>
/// <param name="gone">Told when it has ended.</param>
internal sealed class Replica(Surroundings around, Action<Replica> gone)
{
    private readonly EventLoop _loop = around.Loop;
    private readonly Meter _meter = new(around.Bill, around.Loop);
    private readonly double _pause = around.Options.Trigger.MinPollingInterval.TotalSeconds;
    private Planned? _next;
    private Planned? _kill;
    private Work? _work;
    private bool _isStopping;

    /// <summary>Whether it has a message.</summary>
    public bool IsWorking => _work is not null;

    /// <summary>Starts it.</summary>
    public void Start()
    {
        var start = ColdStart.Draw(around.Options.ColdStart, around.Draws[Purpose.ColdStarts]);
        _next = _loop.After(start.Placement, () => Boot(start.Image + start.Process));
    }

    /// <summary>Tells it to go: at once, or when its message is done or the time of grace has passed.</summary>
    public void Stop()
    {
        _isStopping = true;
        if (_work is null) End();
        else _loop.After(around.Options.Scaler.GraceSeconds, Release);
    }

    /// <summary>The last document has ended.</summary>
    public void Drained() => _meter.Drained();

    /// <summary>Bills what it has spent until now; the run is over.</summary>
    public void Settle() => _meter.Switch(null);

    private void Boot(double seconds)
    {
        _meter.Switch(Spent.ColdStart);
        var kills = around.Options.Faults.KillsPerHour / 3600;
        if (kills > 0) _kill = _loop.After(Exponential.Sample(around.Draws[Purpose.Kills], kills), Kill);
        _next = _loop.After(seconds, Listen);
    }

    private void Listen()
    {
        _meter.Switch(around.Bill.Waiting);
        Look(_pause);
    }

    /// <summary>Looks for a message; the pause doubles while there is none, as the trigger's does.</summary>
    private void Look(double pause)
    {
        if (around.Queue.Receive() is { } message)
        {
            _meter.Switch(Spent.Useful);
            _work = new Work(around, message, _meter.Was, Done, Kill);
            _work.Begin();
        }
        else if (around.Options.SeesAtOnce)
        {
            around.Queue.WhenVisible(See);
        }
        else
        {
            _next = _loop.After(pause, () => Look(Math.Min(pause * 2, around.Options.Trigger.MaxPollingInterval.TotalSeconds)));
        }
    }

    private bool See()
    {
        if (_isStopping) return false;
        Look(_pause);
        return true;
    }

    private void Done()
    {
        _work = null;
        if (_isStopping) End();
        else Listen();
    }

    private void Release()
    {
        if (_work is not { } work) return;
        work.Release();
        _work = null;
        _meter.Was(Spent.Released);
        _next = _loop.After(around.Options.Trigger.StopTimeout.TotalSeconds, End);
    }

    private void Kill()
    {
        _kill?.Cancel();
        _next?.Cancel();
        if (_work is not null)
        {
            _work.Abandon();
            _work = null;
            _meter.Was(Spent.Killed);
        }

        if (_isStopping) End();
        else Boot(ColdStart.Draw(around.Options.ColdStart, around.Draws[Purpose.ColdStarts]).Process);
    }

    private void End()
    {
        _meter.Switch(null);
        _kill?.Cancel();
        _next?.Cancel();
        gone(this);
    }
}
