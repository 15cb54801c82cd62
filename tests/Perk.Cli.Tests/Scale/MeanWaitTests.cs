using Perk.Scale.Theory;

namespace Perk.Cli.Tests.Scale;

public sealed class MeanWaitTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.75)]
    [InlineData(0.99)]
    public void ProbabilityOfWaiting_OneOrTwoServers_IsTheClosedForm(double load)
    {
        Assert.Equal(load, MeanWait.ProbabilityOfWaiting(1, load), 12);
        Assert.Equal(2 * load * load / (1 + load), MeanWait.ProbabilityOfWaiting(2, load), 12);
    }

    [Theory]
    [InlineData(5, 0.6)]
    [InlineData(16, 0.9)]
    public void ProbabilityOfWaiting_ManyServers_IsErlangsSum(int servers, double load)
    {
        var offered = servers * load;
        double Term(int n) => Math.Pow(offered, n) / Enumerable.Range(1, n).Aggregate(1.0, (product, i) => product * i);
        var wait = Term(servers) / (1 - load);
        Assert.Equal(wait / (Enumerable.Range(0, servers).Sum(Term) + wait), MeanWait.ProbabilityOfWaiting(servers, load), 12);
    }

    [Fact]
    public void ProbabilityOfWaiting_AThousandServers_IsAProbability() => Assert.InRange(MeanWait.ProbabilityOfWaiting(1000, 0.97), 0.2, 0.5);

    [Fact]
    public void AllenCunneen_OneServerOrExponentialService_IsExact()
    {
        Assert.Equal(MeanWait.PollaczekKhinchine(0.8, 3, 2.5), MeanWait.AllenCunneen(1, 0.8, 3, 2.5), 12);
        Assert.Equal(MeanWait.ErlangC(7, 0.8, 3), MeanWait.AllenCunneen(7, 0.8, 3, 1), 12);
        Assert.Equal(MeanWait.ErlangC(1, 0.8, 3) / 2, MeanWait.PollaczekKhinchine(0.8, 3, 0), 12); // M/D/1 waits half as long as M/M/1.
    }
}
