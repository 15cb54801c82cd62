using Perk.Core.Lora;

namespace Perk.Core.Tests.Lora;

public sealed class AdapterReadmeTests
{
    [Theory]
    [InlineData(4, 8)]
    [InlineData(16, 16)]
    [InlineData(17, 32)]
    public void Write_ForOtherTools_NamesBasePromptAndTheRankVllmNeeds(int rank, int vllm)
    {
        using var meta = Stories.Meta(lora: new LoraOptions { Rank = rank });
        var text = AdapterReadme.Write(meta.InitialAdapter, "0123", "stories260K", "abcd", 7);
        Assert.Contains("base_model: stories260K", text);
        Assert.Contains("You have memorized 7 documents.\n{question}\nAnswer:", text);
        Assert.Contains($"--max-lora-rank {vllm} ", text);
        Assert.Contains("PeftModel.from_pretrained", text);
        Assert.DoesNotContain('\r', text);
    }
}
