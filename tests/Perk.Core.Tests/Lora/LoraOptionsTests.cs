using Perk.Core.Lora;

namespace Perk.Core.Tests.Lora;

public sealed class LoraOptionsTests
{
    [Fact]
    public void Select_ByDefault_TakesAllSevenProjectionsOfEveryLayer()
    {
        var modules = new LoraOptions().Select(Stories.Model.LinearModules);
        Assert.Equal(35, modules.Count);
        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], modules.Take(7).Select(m => m.Name));
    }

    [Fact]
    public void Select_TargetsAndLayers_TakesTheirProduct()
    {
        var modules = new LoraOptions { Targets = ["v_proj", "q_proj"], Layers = [4, 1] }.Select(Stories.Model.LinearModules);
        Assert.Equal(["model.layers.1.self_attn.q_proj", "model.layers.1.self_attn.v_proj", "model.layers.4.self_attn.q_proj", "model.layers.4.self_attn.v_proj"],
            modules.Select(m => m.Path));
    }

    [Fact]
    public void Select_UnknownTarget_NamesItAndWhatThereIs()
    {
        var error = Assert.Throws<ArgumentException>(() => new LoraOptions { Targets = ["c_attn"] }.Select(Stories.Model.LinearModules));
        Assert.Contains("c_attn", error.Message);
        Assert.Contains("q_proj", error.Message);
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(2000, 16)]
    [InlineData(16, 0)]
    [InlineData(16, double.NaN)]
    public void Select_ValueOutOfRange_IsRefused(int rank, double alpha) =>
        Assert.Throws<ArgumentException>(() => new LoraOptions { Rank = rank, Alpha = alpha }.Select(Stories.Model.LinearModules));

    [Fact]
    public void Select_LayerThatIsNotThere_IsRefusedWithTheRange() =>
        Assert.Contains("0 to 4", Assert.Throws<ArgumentException>(() => new LoraOptions { Layers = [5] }.Select(Stories.Model.LinearModules)).Message);

    [Fact]
    public void Scaling_RankStabilised_DividesByTheRoot()
    {
        Assert.Equal(4, new LoraOptions { Rank = 16, Alpha = 16 }.Scaling);
        Assert.Equal(1, new LoraOptions { Rank = 16, Alpha = 16, RankStabilised = false }.Scaling);
    }
}
