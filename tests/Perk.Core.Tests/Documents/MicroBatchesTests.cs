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
            return n > 3 ? throw new ExternalException(message) : n;
        });
        Assert.Equal(3, fits);
        Assert.Equal([13, 6, 3], tried);
    }

    [Fact]
    public void Halving_TooLittleForOne_SaysSo()
    {
        var e = Assert.Throws<MemoryExhaustedException>(() => MicroBatches.Halving<int>(4, _ => throw new OutOfMemoryException()));
        Assert.Contains("one segment at once", e.Message);
    }

    [Fact]
    public void Halving_AnotherFault_IsThrownAtOnce()
    {
        var tries = 0;
        Assert.Throws<ExternalException>(() => MicroBatches.Halving<int>(4, _ =>
        {
            tries++;
            throw new ExternalException("mat1 and mat2 shapes cannot be multiplied");
        }));
        Assert.Equal(1, tries);
    }
}
