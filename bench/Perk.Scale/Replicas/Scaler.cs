using Perk.Scale.Events;
using Perk.Scale.Parameters;

namespace Perk.Scale.Replicas;

/// <summary>
/// Looks at the queue's length now and then and sets the number of replicas: ⌈length / queueLength⌉, at most <c>maxReplicas</c>; up in
/// steps of 1, 4, 8, 16, 32, …; down when the greatest wish of the stabilisation window is less; to none after the cool-down.
/// </summary>
/// <param name="around">The queue and the clock.</param>
/// <param name="fleet">The replicas.</param>
internal sealed class Scaler(Surroundings around, Fleet fleet)
{
    private readonly ScalerOptions _options = around.Options.Scaler;
    private readonly Queue<(double Time, int Wish)> _wishes = new();
    private double _lastActive;

    /// <summary>Looks for the first time within one interval, then again after each.</summary>
    public void Start()
    {
        fleet.ScaleTo(_options.MinReplicas);
        around.Loop.After(around.Draws[Purpose.Scaling].NextDouble() * _options.PollingSeconds, Poll);
    }

    /// <summary>The next number of replicas on the way up: Container Apps' steps.</summary>
    internal static int StepUp(int replicas) => replicas switch { 0 => 1, < 4 => 4, _ => replicas * 2 };

    private void Poll()
    {
        var now = around.Loop.Now;
        var length = around.Queue.Length;
        if (length > 0) _lastActive = now;
        var wish = Math.Clamp((length + _options.QueueLength - 1) / _options.QueueLength, Math.Max(1, _options.MinReplicas), _options.MaxReplicas);
        _wishes.Enqueue((now, wish));
        while (_wishes.Peek().Time < now - _options.StabilisationSeconds) _wishes.Dequeue();
        fleet.ScaleTo(Next(length, wish));
        around.Loop.After(_options.PollingSeconds, Poll);
    }

    private int Next(int length, int wish)
    {
        var replicas = fleet.Count;
        var cooled = around.Loop.Now - _lastActive >= _options.CooldownSeconds && (replicas <= 1 || !_options.CooldownIsForTheLast);
        if (length == 0 && cooled) return _options.MinReplicas;
        if (length == 0 && replicas == 0) return 0;
        return wish > replicas ? Math.Min(wish, StepUp(replicas)) : Math.Min(replicas, _wishes.Max(w => w.Wish));
    }
}
