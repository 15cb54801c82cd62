using Perk.Core.Evaluation;

namespace Perk.Core.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Fact]
    public void Mean_NormalValues_CoversTheTrueMeanAboutNineteenTimesInTwenty()
    {
        var random = new Random(1);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var covered = Enumerable.Range(0, 300).Count(seed =>
        {
            var interval = Bootstrap.Mean([.. Enumerable.Range(0, 40).Select(_ => 3 + Normal())], seed);
            return interval.Low <= 3 && 3 <= interval.High;
        });
        Assert.InRange(covered / 300.0, 0.90, 0.98);
    }

    [Fact]
    public void Mean_SameSeed_IsTheSameInterval() => Assert.Equal(Bootstrap.Mean([1, 2, 5, 9], 7), Bootstrap.Mean([1, 2, 5, 9], 7));

    [Fact]
    public void Mean_Width_IsThatOfTheStandardError()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => (double)(i % 2))]; // mean 0.5, standard error 0.025
        var interval = Bootstrap.Mean(values, 1);
        Assert.Equal(0.5, interval.Mean);
        Assert.Equal(2 * 1.96 * 0.025, interval.High - interval.Low, 0.01);
    }

    [Fact]
    public void Mean_OneValue_IsRefused() => Assert.Throws<ArgumentException>(() => Bootstrap.Mean([1], 1));
}
