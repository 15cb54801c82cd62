using Perk.Scale.Parameters;

namespace Perk.Scale.Theory;

/// <summary>Mean time that customers wait in a queue with Poisson arrivals, in the unit of the service time.</summary>
internal static class MeanWait
{
    /// <summary>What the theory that fits says, in seconds.</summary>
    public static (QueueLaw Law, double Seconds) Of(SteadyOptions options)
    {
        var (work, replicas, load) = (options.Work, options.Replicas, options.Load);
        var law = work is { Lengths: LengthDistribution.Exponential, OverheadSeconds: 0 } ? QueueLaw.ErlangC
            : replicas == 1 ? QueueLaw.PollaczekKhinchine
            : QueueLaw.AllenCunneen;
        return (law, law switch
        {
            QueueLaw.ErlangC => ErlangC(replicas, load, work.MeanSeconds),
            QueueLaw.PollaczekKhinchine => PollaczekKhinchine(load, work.MeanSeconds, work.SquaredVariation),
            _ => AllenCunneen(replicas, load, work.MeanSeconds, work.SquaredVariation),
        });
    }

    /// <summary>
    /// The probability that a customer of M/M/k has to wait, Erlang's second formula (Erlang 1917; Gross, Shortle, Thompson and Harris,
    /// Fundamentals of Queueing Theory), by way of the recursion of his first, which does not overflow.
    /// </summary>
    /// <param name="servers">k.</param>
    /// <param name="load">ρ, below 1.</param>
    public static double ProbabilityOfWaiting(int servers, double load)
    {
        var blocked = 1.0; // Erlang B of no servers
        for (var n = 1; n <= servers; n++) blocked = servers * load * blocked / (n + servers * load * blocked);
        return blocked / (1 - load * (1 - blocked));
    }

    /// <summary>M/M/k, exact: C / (k (1 − ρ)) × E[S].</summary>
    public static double ErlangC(int servers, double load, double mean) => ProbabilityOfWaiting(servers, load) * mean / (servers * (1 - load));

    /// <summary>M/G/1, exact: ρ / (1 − ρ) × (1 + c²) / 2 × E[S] (Pollaczek 1930, Khinchine 1932; Gross et al.).</summary>
    /// <param name="load">ρ.</param>
    /// <param name="mean">E[S].</param>
    /// <param name="variation">c², the squared coefficient of variation of the service time.</param>
    public static double PollaczekKhinchine(double load, double mean, double variation) => load / (1 - load) * (1 + variation) / 2 * mean;

    /// <summary>
    /// M/G/k, an approximation: (1 + c²) / 2 times the wait of M/M/k (Lee and Longton 1959; with other arrivals Allen and Cunneen, in Allen,
    /// Probability, Statistics, and Queueing Theory, 1990). It is exact for one server and for exponential service.
    /// </summary>
    public static double AllenCunneen(int servers, double load, double mean, double variation) => (1 + variation) / 2 * ErlangC(servers, load, mean);
}

/// <summary>A theory of waiting.</summary>
internal enum QueueLaw
{
    /// <summary>M/M/k, exact.</summary>
    ErlangC,

    /// <summary>M/G/1, exact.</summary>
    PollaczekKhinchine,

    /// <summary>M/G/k, an approximation.</summary>
    AllenCunneen,
}
