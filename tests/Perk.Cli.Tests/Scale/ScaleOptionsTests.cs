using Perk.Scale.Commands;
using Perk.Scale.Events;
using Perk.Scale.Parameters;
using Perk.Scale.Queues;
using Perk.Scale.Replicas;

namespace Perk.Cli.Tests.Scale;

public sealed class ScaleOptionsTests
{
    [Fact]
    public void StepUp_FromNone_TakesTheDocumentedSteps()
    {
        var steps = new List<int> { 0 };
        while (steps[^1] < 64) steps.Add(Scaler.StepUp(steps[^1]));
        Assert.Equal([0, 1, 4, 8, 16, 32, 64], steps);
    }

    [Theory]
    [InlineData(LengthDistribution.LogNormal, 1)]
    [InlineData(LengthDistribution.LogNormal, 0.3)]
    [InlineData(LengthDistribution.Exponential, 1)]
    public void Draw_ManyDocuments_HaveTheMeanAndVariationThatTheOptionsSay(LengthDistribution lengths, double spread)
    {
        var work = new DocumentOptions { Lengths = lengths, Spread = spread };
        double[] seconds = [.. Document.Draw(200_000, work, FaultOptions.None, new Draws(1)).Select(d => d.Seconds)];
        var mean = seconds.Average();
        Assert.Equal(1, mean / work.MeanSeconds, 0.02);
        Assert.Equal(1, seconds.Average(s => Math.Pow(s / mean - 1, 2)) / work.SquaredVariation, 0.1);
    }

    [Fact]
    public void Options_OutOfRange_AreNamed()
    {
        Assert.Contains("TokensPerSecond is 0", Assert.Throws<ArgumentOutOfRangeException>(() => new DocumentOptions { TokensPerSecond = 0 }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScalerOptions { MaxReplicas = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FaultOptions { FailingShare = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SteadyOptions { Load = 1 });
    }

    [Theory]
    [InlineData("--replicas 1,x")]
    [InlineData("--seeds many")]
    [InlineData("--scale-in oldest")]
    [InlineData("--nothing")]
    public void Burst_BadArgument_IsRefused(string arguments) => Assert.NotEmpty(BurstCommand.Create().Parse(arguments).Errors);
}
