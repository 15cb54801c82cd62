using Perk.Scale.Events;
using Perk.Scale.Parameters;
using Perk.Scale.Queues;
using Perk.Scale.Replicas;
using Perk.Scale.Runs;
using Perk.Scale.Theory;

namespace Perk.Cli.Tests.Scale;

public sealed class BurstTests
{
    private static readonly FaultOptions Many = new() { KillsPerHour = 20, FailingShare = 0.3, TwiceShare = 0.2, Killers = 2 };

    [Fact]
    public void Run_OneWarmReplica_TakesExactlyTheSum()
    {
        var (result, seconds) = Warm(1);
        Assert.Equal(seconds.Sum(), result.Drain, 6);
        Assert.Equal(result.Drain, result.Bill[Spent.Useful], 6);
        Assert.Equal(result.Drain, result.Bill.Total, 6);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void Run_WarmReplicas_LiesWithinTheBoundsOfListScheduling(int replicas)
    {
        var (result, seconds) = Warm(replicas);
        Assert.InRange(result.Drain, ListScheduling.LowerBound(seconds, replicas) - 1e-6, ListScheduling.UpperBound(seconds, replicas) + 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public void Run_ColdAndFaulty_IsNeverFasterThanTheBound(int replicas)
    {
        var result = Run(Limited(replicas));
        Assert.True(result.Drain >= result.Bound);
        Assert.Equal(replicas, result.Peak);
        Assert.Equal(Limited(replicas).Documents, result.Succeeded);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void Run_ManyFaults_EndsEveryDocumentOnce(double grace)
    {
        var options = Trickle(new ScalerOptions { GraceSeconds = grace }) with { Faults = Many };
        var result = Run(options);
        Assert.Equal(options.Documents, result.Succeeded + result.Poison);
        Assert.InRange(result.Poison, 2, options.Documents / 10);
        Assert.All(Enum.GetValues<Spent>(), on => Assert.True(result.Bill[on] > 0, $"{on}"));
    }

    [Fact]
    public void Run_IdleReplicasGoFirst_LosesNoWorkToScaling()
    {
        Assert.True(Run(Trickle(new ScalerOptions())).Bill[Spent.Released] > 0);
        Assert.Equal(0, Run(Trickle(new ScalerOptions { ScaleIn = ScaleIn.IdleFirst })).Bill[Spent.Released]);
    }

    [Fact]
    public void Run_OneReplicaAndManyFaults_BillsEverySecondOnce()
    {
        var options = Limited(1) with { Faults = Many, ColdStart = new ColdStartOptions { PlacementSeconds = 0 } };
        var result = Run(options with { Scaler = options.Scaler with { MinReplicas = 1 } });
        Assert.Equal(result.Drain, result.Bill.Total, 6);
    }

    [Fact]
    public void Run_EveryMessageTwice_EncodesEachOnce()
    {
        var options = Limited(8) with { Faults = FaultOptions.None with { TwiceShare = 1 } };
        var result = Run(options);
        Assert.Equal(options.Documents, result.Succeeded);
        Assert.Equal(result.Bound * 8, result.Bill[Spent.Useful], 6);
        Assert.True(result.Bill[Spent.Duplicate] > 0);
    }

    [Fact]
    public void Run_ADocumentThatKills_IsPoisonAfterFiveTries()
    {
        var options = Limited(4) with { Faults = FaultOptions.None with { Killers = 1 } };
        var tries = 0;
        var around = Surroundings.Create(options, 1) with { Began = job => tries += job.Document.Kills ? 1 : 0 };
        var documents = Document.Draw(options.Documents, options.Work, options.Faults, around.Draws);
        var result = Burst.Run(around, documents, TestContext.Current.CancellationToken);
        Assert.Equal((options.Documents - 1, 1, 5, 5), (result.Succeeded, result.Poison, tries, result.Redeliveries));
        Assert.InRange(result.Drain, 5 * 300, 5 * 700 + documents.Sum(d => d.Seconds));
    }

    [Fact]
    public void Run_ASeed_DecidesEverything()
    {
        var options = Limited(16) with { Faults = Many };
        Assert.Equal(Facts(1), Facts(1));
        Assert.NotEqual(Facts(1), Facts(2));

        (double, double, double, long) Facts(int seed)
        {
            var result = Burst.Run(options, seed, TestContext.Current.CancellationToken);
            return (result.Drain, result.Latency, result.Bill.Total, result.Redeliveries);
        }
    }

    [Fact]
    public void Run_NothingLeft_GoesToZeroAfterTheCooldown()
    {
        var result = Run(Limited(3) with { Faults = FaultOptions.None });
        Assert.InRange(result.Bill[Spent.Cooldown] / 3, 270, 331);
    }

    [Theory]
    [InlineData(false, 30, 91)]
    [InlineData(true, 240, 331)]
    public void Run_ShortCooldown_IsForAllReplicasOrForTheLast(bool forTheLast, double least, double most)
    {
        var options = Limited(3) with { Faults = FaultOptions.None };
        var result = Run(options with { Scaler = options.Scaler with { CooldownSeconds = 60, CooldownIsForTheLast = forTheLast } });
        Assert.InRange(result.Bill[Spent.Cooldown] / 3, least, most);
    }

    [Fact]
    public void Run_Cancelled_Stops() =>
        Assert.Throws<OperationCanceledException>(() => Burst.Run(new BurstOptions(), 1, new CancellationToken(canceled: true)));

    private static BurstOptions Limited(int replicas) => new() { Documents = 300, Scaler = new ScalerOptions { MaxReplicas = replicas } };

    private static BurstOptions Trickle(ScalerOptions scaler) =>
        new() { Documents = 300, ArrivalSeconds = 6000, Scaler = scaler with { StabilisationSeconds = 30, CooldownSeconds = 60 } };

    private static BurstResult Run(BurstOptions options) => Burst.Run(options, 1, TestContext.Current.CancellationToken);

    private static (BurstResult Result, double[] Seconds) Warm(int replicas)
    {
        var options = new BurstOptions
        {
            Documents = 500, ColdStart = ColdStartOptions.None, Faults = FaultOptions.None, SeesAtOnce = true,
            Scaler = new ScalerOptions { MinReplicas = replicas, MaxReplicas = replicas },
        };
        return (Run(options), [.. Document.Draw(500, options.Work, options.Faults, new Draws(1)).Select(d => d.Seconds)]);
    }
}
