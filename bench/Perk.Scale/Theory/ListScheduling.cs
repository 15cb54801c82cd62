namespace Perk.Scale.Theory;

/// <summary>How soon k replicas, all there from the start, can be done with given jobs that each takes from a list when it is free.</summary>
internal static class ListScheduling
{
    /// <summary>No schedule is faster: the mean share of a replica, and the longest job.</summary>
    public static double LowerBound(IReadOnlyCollection<double> seconds, int replicas) => Math.Max(seconds.Sum() / replicas, seconds.Max());

    /// <summary>
    /// List scheduling is never slower than ΣS / k + (1 − 1/k) max S (Graham, Bounds on Multiprocessing Timing Anomalies,
    /// 1969): while the last job waited, all were busy.
    /// </summary>
    public static double UpperBound(IReadOnlyCollection<double> seconds, int replicas) =>
        seconds.Sum() / replicas + (1 - 1.0 / replicas) * seconds.Max();
}
