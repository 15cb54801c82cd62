using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Scale.Parameters;

/// <summary>Many documents submitted to an app that has scaled to zero.</summary>
internal sealed record BurstOptions
{
    /// <summary>How many.</summary>
    public int Documents { get; init => field = Within.Range(value, 1, 10_000_000); } = 10_000;

    /// <summary>Seconds over which they come, evenly at random (a Poisson process of known count); 0 for all at once.</summary>
    public double ArrivalSeconds { get; init => field = Within.Range(value, 0, 1e9); }

    /// <summary>How long each takes.</summary>
    public DocumentOptions Work { get; init; } = new();

    /// <summary>How long replicas take to start.</summary>
    public ColdStartOptions ColdStart { get; init; } = new();

    /// <summary>How many replicas there are.</summary>
    public ScalerOptions Scaler { get; init; } = new();

    /// <summary>What goes wrong.</summary>
    public FaultOptions Faults { get; init; } = new();

    /// <summary>How messages are received: the product's own options, which are those of host.json.</summary>
    public QueueListenerOptions Trigger { get; init; } = new();

    /// <summary>How hosts share jobs: the product's own options.</summary>
    public JobOptions Jobs { get; init; } = new();

    /// <summary>Whether an idle replica sees a message at once, as theory has it, and not when it polls next.</summary>
    public bool SeesAtOnce { get; init; }
}
