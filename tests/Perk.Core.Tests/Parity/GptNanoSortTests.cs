using Perk.Core.Tensors;
using System.Text.Json;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Parity;

/// <summary>A trained 3-layer GPT-2 against every activation that its authors published for a batch of 3 × 11 tokens.</summary>
public sealed class GptNanoSortTests
{
    private const double Tolerance = 1e-5;
    private static readonly string Folder = RepositoryFiles.Fixture("gpt-nano-sort");
    private static readonly Dictionary<string, Tensor> Published = ReadPublished(), Computed = Compute();

    private static Dictionary<string, Tensor> ReadPublished()
    {
        var published = new Dictionary<string, Tensor>();
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "gpt-nano-sort-t0-partials.json")));
        foreach (var entry in json.RootElement.EnumerateObject())
        {
            if (!entry.Value.TryGetProperty("data", out var data)) continue;
            var bytes = data.GetBytesFromBase64();
            var values = new float[bytes.Length / sizeof(float)];
            Buffer.BlockCopy(bytes, 0, values, 0, bytes.Length);
            published[entry.Name] = tensor(values, entry.Value.GetProperty("shape").Deserialize<long[]>()!);
        }

        return published;
    }

    /// <summary>
    /// What the model computes for the published batch, under the published names; inside a block, for the first one.
    /// </summary>
    private static Dictionary<string, Tensor> Compute()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = (Gpt2)ModelFolder.Load(Folder, CPU);
        var computed = new Dictionary<string, Tensor>();
        var hidden = model.Hidden(Published["idx"].to(ScalarType.Int64), null, null, false, (layer, name, value) =>
        {
            if (layer <= 0) computed[name] = value.clone().DetachFromDisposeScope();
            if (name == "mlpResid") computed[$"block{layer}"] = value.clone().DetachFromDisposeScope();
        });
        computed["ln_f"] = hidden;
        computed["lm_head"] = model.Logits(hidden);
        computed["probs"] = nn.functional.softmax(computed["lm_head"], -1);

        // The fused kernel shows neither scores nor their softmax: written out from the model's queries and keys.
        var scores = computed["q"].matmul(computed["k"].transpose(-2, -1)).Over(Math.Sqrt(16));
        computed["att"] = scores.Filled(ones(11, 11, ScalarType.Bool).triu(1), double.NegativeInfinity);
        computed["attSm"] = nn.functional.softmax(computed["att"], -1);
        foreach (var tensor in computed.Values) tensor.DetachFromDisposeScope();
        return computed;
    }

    [Theory]
    [InlineData("tok_emb")]
    [InlineData("pos_emb")]
    [InlineData("x")]
    [InlineData("ln1")]
    [InlineData("qkv")]
    [InlineData("q")]
    [InlineData("k")]
    [InlineData("v")]
    [InlineData("att")]
    [InlineData("attSm")]
    [InlineData("y")]
    [InlineData("yProj")]
    [InlineData("attnResid")]
    [InlineData("ln2")]
    [InlineData("fc")]
    [InlineData("gelu")]
    [InlineData("mlp")]
    [InlineData("mlpResid")]
    [InlineData("block0")]
    [InlineData("block1")]
    [InlineData("block2")]
    [InlineData("ln_f")]
    [InlineData("lm_head")]
    [InlineData("probs")]
    public void Hidden_EveryPublishedActivation_IsReproduced(string name) =>
        Stories.Close(Published[name], Computed[name], Tolerance);

    [Fact]
    public void Published_Activations_AreAllCompared() =>
        Assert.Equal(Published.Keys.Where(n => n != "idx").Order(), Computed.Keys.Order());
}
