using CsCheck;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Tensors;

/// <summary>The door to arithmetic: right numbers, and numbers that live as long as they are read.</summary>
public sealed class ArithmeticTests
{
    [Fact]
    public void Operations_AnyNumbers_AreWhatTheySay() => Gen.Select(Gen.Double[-50, 50], Gen.Double[-50, 50], Gen.Double[0.1, 9]).Sample((x, y, z) =>
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new[] { x }), b = tensor(new[] { y });
        double Of(Tensor t) => t[0].item<double>();
        Assert.Equal(x + y, Of(a.Plus(b)));
        Assert.Equal(x + y, Of(a.Plus(y)));
        Assert.Equal(y - x, Of(a.From(y)), 12);
        Assert.Equal(x * y, Of(a.Times(y)));
        Assert.Equal(x / z, Of(a.Over(z)), 10);
        Assert.Equal(Math.Max(x, 0) + Math.Log(1 + Math.Exp(-z * Math.Abs(x))) / z, Of(a.Softplus(z)), 10);
        Assert.Equal(x * x, Of(a.Squared()));
        Assert.Equal(y, Of(a.Filled(a.eq(a), y)));
        Assert.Equal(x, Of(a.Filled(a.ne(a), y)));
        Assert.Equal(x, Of(Arithmetic.Full(x, ScalarType.Float64, CPU, 1)));
    });

    [Fact]
    public void Range_AndIntegers_StayIntegers()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([3L, 4, 5], Arithmetic.Range(3, 6, CPU).data<long>().ToArray());
        Assert.Equal([5L, 6, 7], Arithmetic.Range(3, 6, CPU).Plus(2L).data<long>().ToArray());
        Assert.Equal([4L, 4, 5], Arithmetic.Range(3, 6, CPU).AtLeast(4).data<long>().ToArray());
    }

    [Fact]
    public void Softplus_AtZero_HasTheRightGradientTwice()
    {
        using var scope = NewDisposeScope();
        var x = zeros(1, ScalarType.Float64).requires_grad_();
        var first = Gradients.Of(x.Softplus(3).sum(), [x], keepGraph: true)[0];
        Assert.Equal(0.5, first.item<double>(), 12);
        Assert.Equal(0.75, Gradients.Of(first.sum(), [x])[0].item<double>(), 12); // β/4
    }

    [Fact]
    public async Task Operations_WhileTheCollectorRunsAllTheTime_GiveTheSameNumbers()
    {
        using var stop = new CancellationTokenSource();
        var garbage = Task.Run(
            () =>
            {
                for (var i = 0; !stop.IsCancellationRequested; i++) _ = new byte[40_000].Length + i;
            },
            TestContext.Current.CancellationToken);
        var wrong = 0;
        for (var i = 0; i < 4_000; i++)
        {
            using var scope = NewDisposeScope();
            var a = Arithmetic.Full(i, ScalarType.Float64, CPU, 4);
            if (a.Times(3).Plus(a).Plus(0.5).Over(2)[3].item<double>() != (4.0 * i + 0.5) / 2) wrong++;
        }

        await stop.CancelAsync();
        await garbage;
        Assert.Equal(0, wrong);
    }
}
