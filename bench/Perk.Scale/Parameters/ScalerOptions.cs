namespace Perk.Scale.Parameters;

/// <summary>
/// How Container Apps scales by a queue's length: KEDA between none and one, Kubernetes' horizontal autoscaler above. The defaults are the
/// documented ones (learn.microsoft.com/azure/container-apps/scale-app; polling interval, cool down period, steps; stabilization of a scale-down).
/// </summary>
internal sealed record ScalerOptions
{
    private const double Day = 86400;

    /// <summary>Replicas that always run.</summary>
    public int MinReplicas { get; init => field = Within.Range(value, 0, 1000); }

    /// <summary>The most there may be, 1 to 1,000.</summary>
    public int MaxReplicas { get; init => field = Within.Range(value, 1, 1000); } = 10;

    /// <summary>Messages per replica, KEDA's <c>queueLength</c>: the batch size, 1.</summary>
    public int QueueLength { get; init => field = Within.Range(value, 1, 1000); } = 1;

    /// <summary>Seconds between two looks at the queue, and here between two steps up.</summary>
    public double PollingSeconds { get; init => field = Within.Range(value, 1, Day); } = 30;

    /// <summary>Seconds without any message, hidden ones too, after which all replicas go: KEDA sets them to none at once (kedacore/keda, scale_scaledobjects.go).</summary>
    public double CooldownSeconds { get; init => field = Within.Range(value, 0, Day); } = 300;

    /// <summary>Whether only the last replica goes so, and the others before it by stabilisation: the other reading of Container Apps' documentation.</summary>
    public bool CooldownIsForTheLast { get; init; }

    /// <summary>Seconds over which the greatest wish counts before some replicas go.</summary>
    public double StabilisationSeconds { get; init => field = Within.Range(value, 0, Day); } = 300;

    /// <summary>Which replicas go. The platform does not know who is idle.</summary>
    public ScaleIn ScaleIn { get; init; } = ScaleIn.Random;

    /// <summary>Seconds a replica that is to go may work on; then it gives its message back. The product gives back at once.</summary>
    public double GraceSeconds { get; init => field = Within.Range(value, 0, 600); }
}

/// <summary>Which replicas go when there are too many.</summary>
public enum ScaleIn
{
    /// <summary>Any.</summary>
    Random,

    /// <summary>Those without a message first. The platform does not offer it; it shows what not knowing costs.</summary>
    IdleFirst,
}
