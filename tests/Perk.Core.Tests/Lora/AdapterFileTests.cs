using System.Text.Json.Nodes;
using Perk.Core.Lora;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Lora;

public sealed class AdapterFileTests
{
    [Fact]
    public void Read_WhatWasWritten_IsBitIdenticalAndAnswersAlike()
    {
        using var adapter = Stories.RandomAdapter(1);
        var (weights, config) = AdapterFile.Write(adapter, "stories260K");
        using var back = AdapterFile.Read(weights, config, Stories.Model);
        Assert.Equal(adapter.Modules, back.Modules);
        foreach (var (a, b) in adapter.Tensors.Zip(back.Tensors)) Stories.Identical(a, b);

        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var ids = tensor(new long[] { 1, 300, 400, 280 }).unsqueeze(0);
        Stories.Identical(Stories.Model.Hidden(ids, adapter), Stories.Model.Hidden(ids, back));
        var options = new DecodingOptions { MaxNewTokens = 30 };
        Assert.Equal(
            GreedyDecoder.Decode(Stories.Model, adapter, [[1, 300]], options, TestContext.Current.CancellationToken)[0],
            GreedyDecoder.Decode(Stories.Model, back, [[1, 300]], options, TestContext.Current.CancellationToken)[0]);
    }

    [Fact]
    public void Write_Tensors_HaveTheNamesShapesAndTypeOfPeft()
    {
        using var adapter = Stories.RandomAdapter(2);
        var (weights, _) = AdapterFile.Write(adapter, "stories260K");
        using var file = SafeTensorsFile.Open(new MemoryStream(weights), "adapter");
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal(70, file.Entries.Count);
        Assert.Equal([4, 64], file.Entries["base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"].Shape);
        Assert.Equal([172, 4], file.Entries["base_model.model.model.layers.4.mlp.gate_proj.lora_B.weight"].Shape);
        Assert.Equal([64, 4], file.Entries["base_model.model.model.layers.4.mlp.down_proj.lora_B.weight"].Shape);
        using var a = file.Load("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight");
        Assert.Equal(ScalarType.Float32, a.dtype);
    }

    [Fact]
    public void Write_Config_HasTheKeysThatPeftAndVllmRead()
    {
        using var adapter = Stories.RandomAdapter(3);
        var config = JsonNode.Parse(AdapterFile.Write(adapter, "stories260K").Config)!;
        Assert.Equal("LORA", (string)config["peft_type"]!);
        Assert.Equal("CAUSAL_LM", (string)config["task_type"]!);
        Assert.Equal("stories260K", (string)config["base_model_name_or_path"]!);
        Assert.Equal(4, (int)config["r"]!);
        Assert.Equal(16, (int)config["lora_alpha"]!);
        Assert.True((bool)config["use_rslora"]!);
        Assert.True((bool)config["inference_mode"]!);
        Assert.False((bool)config["fan_in_fan_out"]!);
        Assert.Equal("none", (string)config["bias"]!);
        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], config["target_modules"]!.AsArray().Select(t => (string)t!));
    }

    [Fact]
    public void Read_LayerAndTargetSubset_KeepsThem()
    {
        using var scope = NewDisposeScope();
        using var meta = Stories.Meta(lora: new LoraOptions { Rank = 2, Targets = ["q_proj", "down_proj"], Layers = [1, 3] });
        var (weights, config) = AdapterFile.Write(meta.InitialAdapter, "stories260K");
        using var back = AdapterFile.Read(weights, config, Stories.Model);
        Assert.Equal(meta.InitialAdapter.Modules, back.Modules);
        Assert.Equal([1, 3], back.Options.Layers);
    }

    [Fact]
    public void Read_FileByPeftsConventions_HasItsValuesAndScaling()
    {
        using var scope = NewDisposeScope();
        byte[] Bytes(string name) => File.ReadAllBytes(RepositoryFiles.Fixture("peft-lora", name));
        using var adapter = AdapterFile.Read(Bytes(AdapterFile.WeightsName), Bytes(AdapterFile.ConfigName), Stories.Model);
        Assert.Equal(10, adapter.Modules.Count);
        Assert.Equal(4, adapter.Options.Scaling); // alpha / r, not rank-stabilised
        var pair = adapter.For("model.layers.3.self_attn.v_proj")!.Value;
        Stories.Identical((Arithmetic.Range(0, 2, CPU).unsqueeze(0) - Arithmetic.Range(0, 64, CPU).unsqueeze(1)).to(ScalarType.Float32).Over(64), pair.A[0]); // (in, r)
        Stories.Identical(Arithmetic.Range(0, 32, CPU).unsqueeze(0).Plus(Arithmetic.Range(0, 2, CPU).unsqueeze(1)).to(ScalarType.Float32).Over(128), pair.B[0]); // (r, out)
    }

    [Theory]
    [InlineData("peft_type", "\"IA3\"")]
    [InlineData("bias", "\"all\"")]
    [InlineData("use_dora", "true")]
    [InlineData("modules_to_save", "[\"lm_head\"]")]
    [InlineData("rank_pattern", "{\"q_proj\":8}")]
    [InlineData("fan_in_fan_out", "true")]
    [InlineData("r", "0")]
    [InlineData("r", "\"four\"")]
    [InlineData("target_modules", "\"all-linear\"")]
    [InlineData("target_modules", "[\"c_attn\"]")]
    public void Read_ConfigThatIsNotSupported_NamesFileAndField(string field, string value)
    {
        using var adapter = Stories.RandomAdapter(4);
        var (weights, config) = AdapterFile.Write(adapter, "stories260K");
        var json = JsonNode.Parse(config)!;
        json[field] = JsonNode.Parse(value);
        var error = Assert.Throws<ModelFileException>(() => AdapterFile.Read(weights, System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()), Stories.Model));
        Assert.Contains(AdapterFile.ConfigName, error.Message);
        Assert.Contains(value.Contains("c_attn", StringComparison.Ordinal) ? "c_attn" : field, error.Message);
    }

    [Fact]
    public void Read_TensorOfAnotherShape_NamesBothShapes()
    {
        var error = Refused(w => w["base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"] = zeros(4, 65));
        Assert.Contains("4, 64", error);
        Assert.Contains("4, 65", error);
    }

    [Fact]
    public void Read_TensorMissing_IsNamed() =>
        Assert.Contains("layers.2.mlp.up_proj.lora_B", Refused(w => w.Remove("base_model.model.model.layers.2.mlp.up_proj.lora_B.weight")));

    [Fact]
    public void Read_TensorThatBelongsNowhere_IsNamed() =>
        Assert.Contains("model.embed_tokens", Refused(w => w["base_model.model.model.embed_tokens.lora_A.weight"] = zeros(4, 64)));

    [Fact]
    public void Read_NoTensorAtAll_IsRefused() => Refused(w => w.Clear());

    private static string Refused(Action<Dictionary<string, Tensor>> edit)
    {
        using var scope = NewDisposeScope();
        using var adapter = Stories.RandomAdapter(5);
        var (weights, config) = AdapterFile.Write(adapter, "stories260K");
        using var file = SafeTensorsFile.Open(new MemoryStream(weights), "adapter");
        var tensors = file.Entries.Keys.ToDictionary(name => name, name => file.Load(name), StringComparer.Ordinal);
        edit(tensors);
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, tensors.Select(t => (t.Key, t.Value)));
        return Assert.Throws<ModelFileException>(() => AdapterFile.Read(stream.ToArray(), config, Stories.Model)).Message;
    }
}
