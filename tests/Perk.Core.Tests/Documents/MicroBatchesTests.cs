using System.Runtime.InteropServices;
using Perk.Core.Documents;

namespace Perk.Core.Tests.Documents;

public sealed class MicroBatchesTests
{
    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2 GiB")]
    [InlineData("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")]
    public void Halving_MemoryRunsOut_TriesHalfAsMuch(string message)
    {
        var tried = new List<int>();
        var fits = MicroBatches.Halving(13, n =>
        {
            tried.Add(n);
            return n > 3 ? throw new NativeFault(message) : n;
        });
        Assert.Equal(3, fits);
        Assert.Equal([13, 6, 3], tried);
    }

    [Fact]
    public void Halving_TooLittleForOne_SaysSo()
    {
        var e = Assert.Throws<MemoryExhaustedException>(() => MicroBatches.Halving<int>(4, _ => throw new NativeFault("CUDA out of memory")));
        Assert.Contains("one segment at once", e.Message);
    }

    [Fact]
    public void Halving_AnotherFault_IsThrownAtOnce()
    {
        var tries = 0;
        Assert.Throws<NativeFault>(() => MicroBatches.Halving<int>(4, _ =>
        {
            tries++;
            throw new NativeFault("mat1 and mat2 shapes cannot be multiplied");
        }));
        Assert.Equal(1, tries);
    }

    /// <summary>libtorch's faults arrive as this type.</summary>
    private sealed class NativeFault(string message) : ExternalException(message);
}
