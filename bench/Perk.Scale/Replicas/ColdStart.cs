using MathNet.Numerics.Distributions;
using Perk.Scale.Parameters;

namespace Perk.Scale.Replicas;

/// <summary>How long a replica takes to start.</summary>
/// <param name="Placement">Seconds until it has a node; not billed.</param>
/// <param name="Image">Seconds until the image is there.</param>
/// <param name="Process">Seconds until host and worker are up and the model is loaded: all that a killed one has to do again.</param>
internal sealed record ColdStart(double Placement, double Image, double Process)
{
    /// <summary>Draws one.</summary>
    public static ColdStart Draw(ColdStartOptions options, Random random)
    {
        return new ColdStart(Stage(options.PlacementSeconds), Stage(options.ImageSeconds), Stage(options.HostSeconds) + Stage(options.ModelSeconds));

        double Stage(double median) => median == 0 ? 0 : LogNormal.Sample(random, Math.Log(median), options.Spread);
    }
}
