using Perk.Scale.Parameters;
using Perk.Scale.Runs;
using Perk.Scale.Theory;

namespace Perk.Cli.Tests.Scale;

public sealed class SteadyTests
{
    /// <summary>Half widths of a 95 % interval that a right simulation leaves once in about 500 times.</summary>
    private const double Wide = 1.6;

    private static readonly DocumentOptions Exponential = new() { Lengths = LengthDistribution.Exponential, OverheadSeconds = 0 };

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(1, 0.8)]
    [InlineData(4, 0.8)]
    [InlineData(16, 0.9)]
    public void Run_ExponentialService_WaitsAsErlangCSays(int replicas, double load)
    {
        var result = Run(new SteadyOptions { Work = Exponential, Replicas = replicas, Load = load, BatchDocuments = 8_000 });
        Assert.Equal(QueueLaw.ErlangC, result.Law);
        Assert.InRange(result.Expected, result.Wait - Wide * result.HalfWidth, result.Wait + Wide * result.HalfWidth);
        Assert.InRange(result.HalfWidth / result.Wait, 0, 0.15); // Narrow enough to say something.
    }

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(1, 0.8)]
    [InlineData(0, 0.8)]
    public void Run_OneReplica_WaitsAsPollaczekAndKhinchineSay(double spread, double load)
    {
        var result = Run(new SteadyOptions { Work = new DocumentOptions { Spread = spread }, Load = load, BatchDocuments = 10_000 });
        Assert.Equal(QueueLaw.PollaczekKhinchine, result.Law);
        Assert.InRange(result.Expected, result.Wait - Wide * result.HalfWidth, result.Wait + Wide * result.HalfWidth);
        Assert.InRange(result.HalfWidth / result.Wait, 0, 0.15);
    }

    [Fact]
    public void Run_SeveralReplicas_WaitsAboutAsAllenAndCunneenSay()
    {
        var result = Run(new SteadyOptions { Work = new DocumentOptions { Spread = 0.5 }, Replicas = 4, Load = 0.9, BatchDocuments = 10_000 });
        Assert.Equal(QueueLaw.AllenCunneen, result.Law);
        Assert.InRange(result.Wait / result.Expected, 0.85, 1.15);
    }

    [Fact]
    public void Run_AnotherLoadsTheory_DoesNotFit()
    {
        var result = Run(new SteadyOptions { Work = Exponential, Load = 0.8, BatchDocuments = 10_000 });
        Assert.NotInRange(MeanWait.ErlangC(1, 0.82, Exponential.MeanSeconds), result.Wait - Wide * result.HalfWidth, result.Wait + Wide * result.HalfWidth);
    }

    private static SteadyResult Run(SteadyOptions options) => Steady.Run(options, 1, TestContext.Current.CancellationToken);
}
