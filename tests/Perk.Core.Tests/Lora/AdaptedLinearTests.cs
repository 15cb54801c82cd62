using Perk.Core.Lora;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Lora;

public sealed class AdaptedLinearTests
{
    [Fact]
    public void Apply_SeveralProblems_EqualsTheFormulaForEach()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        Tensor Random(params long[] shape) => randn(shape, ScalarType.Float64, generator: generator);
        var (x, w, bias, a, b) = (Random(6, 5, 7), Random(4, 7), Random(4), Random(3, 7, 2), Random(3, 2, 4));
        var y = AdaptedLinear.Apply(x, w, bias, new LoraPair(a, b, 1.5));
        for (var row = 0; row < 6; row++)
        {
            var problem = row / 2; // rows p·S … p·S + S − 1 meet problem p
            var expected = x[row].mm(w.t()).Plus(bias).Plus(x[row].mm(a[problem]).mm(b[problem]).Times(1.5));
            Stories.Close(expected, y[row], 1e-12);
        }
    }

    [Fact]
    public void Apply_BFloat16Base_KeepsTheUpdateInFloat32()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2, CPU);
        var x = randn([2, 5, 64], generator: generator).to(ScalarType.BFloat16);
        var (a, b) = (randn([1, 64, 4], generator: generator), randn([1, 4, 8], generator: generator));
        var y = AdaptedLinear.Apply(x, zeros(8, 64, ScalarType.BFloat16), null, new LoraPair(a, b, 2));
        Assert.Equal(ScalarType.BFloat16, y.dtype);
        Stories.Identical(x.to(ScalarType.Float32).matmul(a[0]).matmul(b[0].Times(2)).to(ScalarType.BFloat16), y);
    }

    [Fact]
    public void Hidden_AdapterWithZeroB_IsTheBaseModel()
    {
        using var scope = NewDisposeScope();
        using var meta = Stories.Meta();
        using var noGradient = no_grad();
        var ids = tensor(new long[] { 1, 300, 400 }).unsqueeze(0);
        Stories.Identical(Stories.Model.Hidden(ids, null), Stories.Model.Hidden(ids, meta.InitialAdapter));
    }
}
