using System.Diagnostics.CodeAnalysis;
using TorchSharp;
using static TorchSharp.torch;

namespace Perk.Core.Tensors;

/// <summary>
/// The door to arithmetic with numbers. TorchSharp 0.107 hands a number to the native side as a <see cref="Scalar"/> that nothing refers
/// to any more: where the garbage collector runs just then, its finaliser frees the number while the operation reads it, and the result is
/// an error or, worse, another number. Tensor + tensor is such an operation too (its factor 1). Here the number outlives the operation.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "This is the door.")]
internal static class Arithmetic
{
    private static readonly Scalar One = 1L.ToScalar();

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    /// <summary>a + number.</summary>
    public static Tensor Plus(this Tensor a, double number)
    {
        using var scalar = number.ToScalar();
        return a.add(scalar, One);
    }

    /// <summary>a + number, of integers.</summary>
    public static Tensor Plus(this Tensor a, long number)
    {
        using var scalar = number.ToScalar();
        return a.add(scalar, One);
    }

    /// <summary>number − a.</summary>
    public static Tensor From(this Tensor a, double number)
    {
        using var scalar = number.ToScalar();
        using var negative = a.negative();
        return negative.add(scalar, One);
    }

    /// <summary>a · number.</summary>
    public static Tensor Times(this Tensor a, double number)
    {
        using var scalar = number.ToScalar();
        return a.mul(scalar);
    }

    /// <summary>a / number.</summary>
    public static Tensor Over(this Tensor a, double number)
    {
        using var scalar = number.ToScalar();
        return a.div(scalar);
    }

    /// <summary>a · a, which <c>square</c> would raise to the power of a number.</summary>
    public static Tensor Squared(this Tensor a) => a * a;

    /// <summary>The greater of each element and a whole number, of integers.</summary>
    public static Tensor AtLeast(this Tensor a, long number)
    {
        using var scalar = number.ToScalar();
        return a.clamp_min(scalar);
    }

    /// <summary>a where a mask does not hold, a number where it does.</summary>
    public static Tensor Filled(this Tensor a, Tensor mask, double number)
    {
        using var scalar = number.ToScalar();
        return a.masked_fill(mask, scalar);
    }

    /// <summary>A vector with others' elements added at given places.</summary>
    public static Tensor AddedAt(this Tensor a, Tensor index, Tensor source) => a.index_add(0, index, source, One);

    /// <summary>first, first + 1, … below end, as 64-bit integers.</summary>
    public static Tensor Range(long first, long end, Device device)
    {
        using Scalar from = first.ToScalar(), to = end.ToScalar();
        return arange(from, to, One, ScalarType.Int64, device);
    }

    /// <summary>A tensor of one number.</summary>
    public static Tensor Full(double number, ScalarType type, Device device, params long[] shape)
    {
        using var ones = torch.ones(shape, dtype: type, device: device);
        return ones.Times(number);
    }

    /// <summary>log(1 + exp(β·a)) / β.</summary>
    public static Tensor Softplus(this Tensor a, double beta)
    {
        using var scope = NewDisposeScope();
        return nn.functional.logsigmoid(a.Times(-beta)).Over(-beta).MoveToOuterDisposeScope();
    }
}
