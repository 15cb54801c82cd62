using System.Text.Json.Nodes;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Models;

public sealed class Gpt2FolderTests : IDisposable
{
    private static readonly string Source = RepositoryFiles.Fixture("tiny-random-gpt2");
    private readonly TemporaryFolder _folder = new();

    public Gpt2FolderTests()
    {
        foreach (var file in (string[])["config.json", "model.safetensors"])
            File.Copy(Path.Combine(Source, file), _folder.File(file));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_NamesOfTheFirstReleaseWithItsBuffers_ComputesTheSame()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Rewrite(weights =>
        {
            foreach (var (name, tensor) in weights.ToArray())
            {
                weights.Remove(name);
                weights[name["transformer.".Length..]] = tensor;
            }

            for (var i = 0; i < 5; i++)
            {
                weights[$"h.{i}.attn.bias"] = ones(1, 1, 512, 512).tril();
                weights[$"h.{i}.attn.masked_bias"] = tensor(-1e4f);
            }
        });
        using var expected = ModelFolder.Load(Source, CPU);
        using var model = ModelFolder.Load(_folder.Path, CPU);
        var ids = tensor(new long[] { 1, 403, 407 }).unsqueeze(0);
        Stories.Identical(expected.Hidden(ids, null), model.Hidden(ids, null));
        Assert.Equal(expected.LinearModules, model.LinearModules);
    }

    [Fact]
    public void Load_LinearModules_AreTheFourOfEachLayerUnderTheirHubNames()
    {
        using var model = ModelFolder.Load(_folder.Path, CPU);
        Assert.Equal(20, model.LinearModules.Count);
        Assert.Equal(
            [("attn.c_attn", 32, 96), ("attn.c_proj", 32, 32), ("mlp.c_fc", 32, 128), ("mlp.c_proj", 128, 32)],
            model.LinearModules.Take(4).Select(m => (m.Path["transformer.h.0.".Length..], m.In, m.Out)));
        Assert.Equal("transformer.h.4.mlp.c_proj", model.LinearModules[^1].Path);
        Assert.All(model.LinearModules, m => Assert.True(m.FanInFanOut));
    }

    [Fact]
    public void Load_UntiedHead_IsTheOneThatScores()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        Rewrite(w => w["lm_head.weight"] = w["transformer.wte.weight"].Times(2));
        Edit(c => c["tie_word_embeddings"] = false);
        using var tied = ModelFolder.Load(Source, CPU);
        using var model = ModelFolder.Load(_folder.Path, CPU);
        var hidden = ones(1, 1, 32);
        Stories.Close(tied.Logits(hidden).Times(2), model.Logits(hidden), 1e-5);
    }

    [Fact]
    public void Load_TensorMissing_NamesFileTensorAndShape()
    {
        Rewrite(w => w.Remove("transformer.h.3.attn.c_attn.bias"));
        Refused("model.safetensors", "transformer.h.3.attn.c_attn.bias", "(96)");
    }

    [Fact]
    public void Load_ProjectionTransposed_NamesFileTensorAndBothShapes()
    {
        Rewrite(w => w["transformer.h.0.attn.c_attn.weight"] = zeros(96, 32));
        Refused("model.safetensors", "transformer.h.0.attn.c_attn.weight", "32, 96", "96, 32");
    }

    [Fact]
    public void Load_TensorWithoutAPlace_IsRefused()
    {
        Rewrite(w => w["transformer.h.0.crossattention.c_attn.weight"] = zeros(8));
        Refused("model.safetensors", "transformer.h.0.crossattention.c_attn.weight");
    }

    [Theory]
    [InlineData("activation_function", "\"gelu\"")]
    [InlineData("activation_function", "\"relu\"")]
    [InlineData("scale_attn_by_inverse_layer_idx", "true")]
    [InlineData("reorder_and_upcast_attn", "true")]
    [InlineData("scale_attn_weights", "false")]
    [InlineData("add_cross_attention", "true")]
    [InlineData("n_head", "5")]
    [InlineData("n_embd", "0")]
    [InlineData("n_embd", "2000000000")]
    [InlineData("n_layer", "null")]
    [InlineData("layer_norm_epsilon", "-1")]
    public void Load_ConfigFieldWrong_NamesFileAndField(string field, string value)
    {
        Edit(c => c[field] = JsonNode.Parse(value));
        Refused("config.json", field);
    }

    private void Refused(params string[] named)
    {
        var error = Assert.Throws<ModelFileException>(() => ModelFolder.Load(_folder.Path, CPU));
        Assert.All(named, n => Assert.Contains(n, error.Message));
    }

    private void Edit(Action<JsonObject> edit)
    {
        var json = JsonNode.Parse(File.ReadAllText(_folder.File("config.json")))!.AsObject();
        edit(json);
        File.WriteAllText(_folder.File("config.json"), json.ToJsonString());
    }

    private void Rewrite(Action<Dictionary<string, Tensor>> edit)
    {
        using var scope = NewDisposeScope();
        var weights = new Dictionary<string, Tensor>();
        using (var file = SafeTensorsFile.Open(Path.Combine(Source, "model.safetensors")))
        {
            foreach (var name in file.Entries.Keys.Order(StringComparer.Ordinal)) weights[name] = file.Load(name);
        }

        edit(weights);
        SafeTensors.Write(_folder.File("model.safetensors"), weights.Select(t => (t.Key, t.Value)));
    }
}
