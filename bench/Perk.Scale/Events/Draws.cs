using MathNet.Numerics.Random;

namespace Perk.Scale.Events;

/// <summary>
/// A stream of random numbers for each purpose, so that two runs of one seed that differ in a setting have the same documents (common
/// random numbers; Law, Simulation Modeling and Analysis).
/// </summary>
/// <param name="seed">Decides all of them.</param>
internal sealed class Draws(int seed)
{
    private readonly Dictionary<Purpose, MersenneTwister> _streams = [];

    /// <summary>The stream of a purpose.</summary>
    public Random this[Purpose purpose] => _streams.TryGetValue(purpose, out var stream) ? stream : _streams[purpose] = new MersenneTwister(unchecked((seed * 8) + (int)purpose), threadSafe: false);
}

/// <summary>What random numbers are for; at most eight of them.</summary>
internal enum Purpose
{
    /// <summary>How long documents are, which come twice, which kill.</summary>
    Documents,

    /// <summary>When they come.</summary>
    Arrivals,

    /// <summary>How long replicas take to start.</summary>
    ColdStarts,

    /// <summary>When replicas are killed.</summary>
    Kills,

    /// <summary>Which tries fail, and how far they come.</summary>
    Failures,

    /// <summary>Which replicas are stopped, and when the scaler looks first.</summary>
    Scaling,
}
