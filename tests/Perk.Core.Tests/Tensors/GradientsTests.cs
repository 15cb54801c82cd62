using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Tensors;

public sealed class GradientsTests
{
    [Fact]
    public void Of_Polynomial_IsItsDerivative()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 2.0, 3.0 }, requires_grad: true);
        Assert.Equal([12.0, 27.0], Gradients.Of((x * x * x).sum(), [x])[0].data<double>().ToArray());
    }

    [Fact]
    public void Of_InputThatTheLossDoesNotUse_IsZero()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        var unused = ones(3, requires_grad: true);
        Assert.Equal([0f, 0f, 0f], Gradients.Of(x.sum(), [x, unused])[1].data<float>().ToArray());
    }

    [Fact]
    public void Of_NotAScalar_IsRefusedWithItsShape()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, 3, requires_grad: true);
        Assert.Contains("(2, 3)", Assert.Throws<ArgumentException>(() => Gradients.Of(x.Times(2), [x])).Message);
    }

    [Fact]
    public void Of_LossWithoutAGraph_IsRefused()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        Assert.Throws<ArgumentException>(() => Gradients.Of(ones(1), [x]));
    }

    [Fact]
    public void Of_InputThatRequiresNoGradient_IsRefusedInsteadOfEndingTheProcess()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        Assert.Contains("Input 1", Assert.Throws<ArgumentException>(() => Gradients.Of(x.sum(), [x, ones(2)])).Message);
    }

    [Fact]
    public void Of_KeptGraph_CanBeDifferentiatedAgain()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 2.0 }, requires_grad: true);
        var first = Gradients.Of((x * x * x).sum(), [x], keepGraph: true)[0];
        Assert.Equal(12.0, Gradients.Of(first.sum(), [x])[0].item<double>());
    }
}
