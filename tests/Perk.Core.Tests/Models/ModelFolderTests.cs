using System.Text.Json.Nodes;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Models;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ModelFolderTests()
    {
        foreach (var file in Directory.GetFiles(RepositoryFiles.Stories260K)) File.Copy(file, _folder.File(Path.GetFileName(file)));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_Sharded_ComputesTheSame()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var all = Weights();
        var map = new JsonObject();
        foreach (var shard in all.Chunk(20).Select((tensors, i) => (Name: $"model-{i:00000}.safetensors", tensors)))
        {
            SafeTensors.Write(_folder.File(shard.Name), shard.tensors.Select(t => (t.Key, t.Value)));
            foreach (var (name, _) in shard.tensors) map[name] = shard.Name;
        }

        File.Delete(_folder.File("model.safetensors"));
        File.WriteAllText(_folder.File("model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
        using var model = ModelFolder.Load(_folder.Path, CPU);
        var ids = tensor(new long[] { 1, 403, 407 }).unsqueeze(0);
        Stories.Identical(Stories.Model.Hidden(ids, null), model.Hidden(ids, null));
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Load_HalfPrecisionWeights_ComeAsFloat32(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        SafeTensors.Write(_folder.File("model.safetensors"), Weights().Select(t => (t.Key, t.Value.to(type))));
        using var model = ModelFolder.Load(_folder.Path, CPU);
        Assert.Equal(ScalarType.Float32, model.WeightType);
        var ids = tensor(new long[] { 1, 403, 407 }).unsqueeze(0);
        Stories.Close(Stories.Model.Hidden(ids, null), model.Hidden(ids, null), 0.3);
    }

    [Fact]
    public void Load_UntiedHead_IsTheOneThatScores()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var weights = Weights();
        weights["lm_head.weight"] = weights["model.embed_tokens.weight"].Times(2);
        SafeTensors.Write(_folder.File("model.safetensors"), weights.Select(t => (t.Key, t.Value)));
        Edit("config.json", c => c["tie_word_embeddings"] = false);
        using var model = ModelFolder.Load(_folder.Path, CPU);
        var hidden = ones(1, 1, 64);
        Stories.Close(Stories.Model.Logits(hidden).Times(2), model.Logits(hidden), 1e-4);
    }

    [Fact]
    public void Load_TensorMissing_NamesFileTensorAndShape()
    {
        Rewrite(w => w.Remove("model.layers.3.self_attn.k_proj.weight"));
        Refused("model.safetensors", "model.layers.3.self_attn.k_proj.weight", "(32, 64)");
    }

    [Fact]
    public void Load_TensorMisshapen_NamesFileTensorAndBothShapes()
    {
        Rewrite(w => w["model.layers.3.self_attn.k_proj.weight"] = zeros(32, 63));
        Refused("model.safetensors", "model.layers.3.self_attn.k_proj.weight", "32, 64", "32, 63");
    }

    [Fact]
    public void Load_TensorWithoutAPlace_IsRefused()
    {
        Rewrite(w => w["model.layers.0.self_attn.q_norm.weight"] = zeros(8));
        Refused("model.safetensors", "model.layers.0.self_attn.q_norm.weight");
    }

    [Fact]
    public void Load_TruncatedWeights_NamesTheFile()
    {
        var path = _folder.File("model.safetensors");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..500_000]);
        Refused("model.safetensors");
    }

    [Fact]
    public void Load_NoWeights_SaysWhatIsExpected()
    {
        File.Delete(_folder.File("model.safetensors"));
        Refused("model.safetensors", "model.safetensors.index.json");
    }

    [Fact]
    public void Load_IndexLeadingOutOfTheFolder_IsRefused()
    {
        File.Delete(_folder.File("model.safetensors"));
        File.WriteAllText(_folder.File("model.safetensors.index.json"), """{"weight_map":{"a":"../x.safetensors"}}""");
        Refused("model.safetensors.index.json", "../x.safetensors");
    }

    [Theory]
    [InlineData("model_type", "\"mamba\"", "mamba")]
    [InlineData("model_type", "3", "model_type")]
    [InlineData("hidden_size", "\"64\"", "hidden_size")]
    [InlineData("num_hidden_layers", "0", "num_hidden_layers")]
    [InlineData("num_key_value_heads", "3", "num_key_value_heads")]
    [InlineData("rms_norm_eps", "-1", "rms_norm_eps")]
    [InlineData("rope_scaling", "{\"type\":\"yarn\"}", "rope_scaling")]
    [InlineData("use_sliding_window", "true", "use_sliding_window")]
    [InlineData("hidden_act", "\"gelu\"", "hidden_act")]
    [InlineData("tie_word_embeddings", "1", "tie_word_embeddings")]
    [InlineData("head_dim", "536870920", "head_dim 536870920")] // 8 heads of it: 64 in 32 bits
    [InlineData("model_type", "[1, [\"a long list\", \"a long list\", \"a long list\", \"a long list\", \"a long list\", \"a long list\", \"a long list\"]]", "…; expected a text")]
    public void Load_ConfigFieldWrong_NamesFileAndField(string field, string value, string named)
    {
        Edit("config.json", c => c[field] = JsonNode.Parse(value));
        Refused("config.json", named);
    }

    [Theory]
    [InlineData("vocab_size")]
    [InlineData("max_position_embeddings")]
    [InlineData("model_type")]
    public void Load_ConfigFieldMissing_NamesFileAndField(string field)
    {
        Edit("config.json", c => c.Remove(field));
        Refused("config.json", field);
    }

    [Fact]
    public void Load_MoreLayersThanAnyMemoryHolds_NamesTheFirstThatIsMissing()
    {
        Edit("config.json", c => c["num_hidden_layers"] = int.MaxValue);
        Refused("model.safetensors", "model.layers.5.input_layernorm.weight");
    }

    [Fact]
    public void Load_WindowLongerThanAnyMemoryHolds_ComputesTheSame()
    {
        Edit("config.json", c => c["max_position_embeddings"] = int.MaxValue);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = ModelFolder.Load(_folder.Path, CPU);
        var ids = tensor(new long[] { 1, 403, 407 }).unsqueeze(0);
        Stories.Identical(Stories.Model.Hidden(ids, null), model.Hidden(ids, null));
    }

    [Theory]
    [InlineData(@"{""model_type"":""\ud800""}")]
    [InlineData(@"{""\udc00"":1}")]
    [InlineData(@"{""rope_parameters"":{""\ud800"":1}}")]
    [InlineData("{\"model_type\":\"\u00ff\"}")]
    public void Load_ConfigWithTextThatIsNotUnicode_NamesTheFile(string content)
    {
        File.WriteAllBytes(_folder.File("config.json"), System.Text.Encoding.Latin1.GetBytes(content));
        Refused("config.json", "is not a JSON object");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"a\":")]
    public void Load_ConfigNotAnObject_NamesTheFile(string content)
    {
        File.WriteAllText(_folder.File("config.json"), content);
        Refused("config.json");
    }

    [Fact]
    public void Load_Refused_LeavesNoTensorBehind()
    {
        Rewrite(w => w["model.norm.weight"] = zeros(3));
        Refused("model.norm.weight");
        // Other tests make tensors at the same time, so this looks at this thread's scope only.
        using var scope = NewDisposeScope();
        Refused("model.norm.weight");
        Assert.Equal(0, scope.DisposablesCount);
    }

    private void Refused(params string[] named)
    {
        var error = Assert.Throws<ModelFileException>(() => ModelFolder.Load(_folder.Path, CPU));
        Assert.All(named, n => Assert.Contains(n, error.Message));
    }

    private void Rewrite(Action<Dictionary<string, Tensor>> edit)
    {
        using var scope = NewDisposeScope();
        var weights = Weights();
        edit(weights);
        SafeTensors.Write(_folder.File("model.safetensors"), weights.Select(t => (t.Key, t.Value)));
    }

    private void Edit(string file, Action<JsonObject> edit)
    {
        var json = JsonNode.Parse(File.ReadAllText(_folder.File(file)))!.AsObject();
        edit(json);
        File.WriteAllText(_folder.File(file), json.ToJsonString());
    }

    private static Dictionary<string, Tensor> Weights()
    {
        using var file = SafeTensorsFile.Open(Path.Combine(RepositoryFiles.Stories260K, "model.safetensors"));
        return file.Entries.Keys.Order(StringComparer.Ordinal).ToDictionary(name => name, name => file.Load(name), StringComparer.Ordinal);
    }
}
