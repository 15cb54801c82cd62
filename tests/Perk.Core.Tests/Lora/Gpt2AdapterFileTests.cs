using System.Text;
using System.Text.Json.Nodes;
using Perk.Core.Lora;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Lora;

/// <summary>Adapter files of GPT-2, whose projections are (in, out) and of which two are named <c>c_proj</c>.</summary>
public sealed class Gpt2AdapterFileTests : IDisposable
{
    private readonly CausalLM _model = ModelFolder.Load(RepositoryFiles.Fixture("tiny-random-gpt2"), CPU);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Write_AllProjections_HasTheNamesShapesAndKeysOfPeft()
    {
        using var adapter = Stories.RandomAdapter(1, model: _model);
        var (weights, config) = AdapterFile.Write(adapter, "gpt2");
        using var file = SafeTensorsFile.Open(new MemoryStream(weights), "adapter");
        Assert.Equal(40, file.Entries.Count);
        Assert.Equal([4, 32], file.Entries["base_model.model.transformer.h.0.attn.c_attn.lora_A.weight"].Shape);
        Assert.Equal([96, 4], file.Entries["base_model.model.transformer.h.0.attn.c_attn.lora_B.weight"].Shape);
        Assert.Equal([4, 128], file.Entries["base_model.model.transformer.h.4.mlp.c_proj.lora_A.weight"].Shape);
        Assert.Equal([32, 4], file.Entries["base_model.model.transformer.h.4.mlp.c_proj.lora_B.weight"].Shape);
        Assert.True((bool)JsonNode.Parse(config)!["fan_in_fan_out"]!);
        Assert.Equal(["c_attn", "c_proj", "c_fc"], Targets(config));
    }

    [Theory]
    [InlineData(null, 20)]
    [InlineData("c_proj", 10)]
    [InlineData("attn.c_proj", 5)]
    [InlineData("mlp.c_proj c_attn", 10)]
    [InlineData("h.2.mlp.c_fc", 1)]
    public void Read_WhatWasWritten_HasTheModulesThatPeftWouldTarget(string? targets, int modules)
    {
        var lora = new LoraOptions { Rank = 2, Targets = targets?.Split(' ') };
        using var adapter = Stories.RandomAdapter(2, model: _model, lora: lora);
        Assert.Equal(modules, adapter.Modules.Count);
        var (weights, config) = AdapterFile.Write(adapter, "gpt2");
        var written = Targets(config);
        Assert.Equal(
            adapter.Modules.Select(m => m.Path),
            _model.LinearModules.Select(m => m.Path)
                .Where(path => written.Any(t => ("." + path).EndsWith("." + t, StringComparison.Ordinal))));

        using var back = AdapterFile.Read(weights, config, _model);
        Assert.Equal(adapter.Modules, back.Modules);
        foreach (var (a, b) in adapter.Tensors.Zip(back.Tensors)) Stories.Identical(a, b);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("null")]
    public void Read_WithoutFanInFanOut_IsRefused(string value)
    {
        using var adapter = Stories.RandomAdapter(3, model: _model);
        var (weights, config) = AdapterFile.Write(adapter, "gpt2");
        var json = JsonNode.Parse(config)!;
        json["fan_in_fan_out"] = JsonNode.Parse(value);
        var edited = Encoding.UTF8.GetBytes(json.ToJsonString());
        var error = Assert.Throws<ModelFileException>(() => AdapterFile.Read(weights, edited, _model));
        Assert.Contains("fan_in_fan_out", error.Message);
    }

    [Fact]
    public void Read_AdapterOfTheOtherFamily_IsRefused()
    {
        using var adapter = Stories.RandomAdapter(4);
        var (weights, config) = AdapterFile.Write(adapter, "stories260K");
        Assert.Throws<ModelFileException>(() => AdapterFile.Read(weights, config, _model));
    }

    [Theory]
    [InlineData("proj")]
    [InlineData("")]
    [InlineData(".c_proj")]
    [InlineData("n.c_proj")]
    public void Select_TargetThatIsNoWholePart_IsRefused(string target) =>
        Assert.Throws<ArgumentException>(() => new LoraOptions { Targets = [target] }.Select(_model.LinearModules));

    private static string[] Targets(byte[] config) =>
        [.. JsonNode.Parse(config)!["target_modules"]!.AsArray().Select(t => (string)t!)];
}
