using Perk.Core.Lora;
using Perk.Core.MetaLearning;

namespace Perk.Core.Tests.MetaLearning;

public sealed class MicroBatchTests
{
    private static readonly LoraOptions Lora = new();

    [Fact]
    public void Fit_MoreMemory_TakesMoreSegmentsUpToTheMost()
    {
        var fixedBytes = MicroBatch.FixedBytes(Stories.Model, Lora);
        var segment = MicroBatch.BytesPerToken(Stories.Model, Lora) * 288;
        Assert.Equal(1, MicroBatch.Fit(Stories.Model, Lora, 288, fixedBytes + segment, 16));
        Assert.Equal(3, MicroBatch.Fit(Stories.Model, Lora, 288, fixedBytes + 4 * segment - 1, 16));
        Assert.Equal(16, MicroBatch.Fit(Stories.Model, Lora, 288, fixedBytes + 100 * segment, 16));
    }

    [Fact]
    public void Fit_NotEvenOneSegment_IsRefusedWithWhatIsNeeded() =>
        Assert.Contains("give at least", Assert.Throws<ArgumentException>(() => MicroBatch.Fit(Stories.Model, Lora, 288, 1 << 20, 16)).Message);
}
