namespace Perk.Scale.Parameters;

/// <summary>How long a replica takes until it can receive a message. Every number here is assumed; nothing was measured in Azure.</summary>
/// <remarks>Each stage is log-normal with the median below and a common spread. Placement is not billed, the rest is.</remarks>
internal sealed record ColdStartOptions
{
    private const double Hour = 3600;

    /// <summary>Median seconds until a node with a free GPU is found.</summary>
    public double PlacementSeconds { get; init => field = Within.Range(value, 0, Hour); } = 15;

    /// <summary>Median seconds until the image is there; CUDA's libraries make it several gigabytes.</summary>
    public double ImageSeconds { get; init => field = Within.Range(value, 0, Hour); } = 60;

    /// <summary>Median seconds until the Functions host and the worker are up.</summary>
    public double HostSeconds { get; init => field = Within.Range(value, 0, Hour); } = 10;

    /// <summary>Median seconds until the model is loaded and on the device.</summary>
    public double ModelSeconds { get; init => field = Within.Range(value, 0, Hour); } = 5;

    /// <summary>The standard deviation of each stage's logarithm (natural).</summary>
    public double Spread { get; init => field = Within.Range(value, 0, 3); } = 0.4;

    /// <summary>Nothing takes any time.</summary>
    public static ColdStartOptions None { get; } = new() { PlacementSeconds = 0, ImageSeconds = 0, HostSeconds = 0, ModelSeconds = 0 };
}
