using Perk.Core.Lora;
using Perk.Core.Models;
using Perk.Core.Tests.Parity.Reference;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Parity;

/// <summary>
/// Both families against the same computation in plain float64 loops: hidden states and logits as whole tensors.
/// </summary>
public sealed class FloatingPointReferenceTests : IDisposable
{
    private static readonly LoraOptions Lora = new() { Rank = 3, Alpha = 5 };
    private static readonly int[][] Batch = [[3, 1, 4, 1, 5, 9, 2, 6], [16, 0, 7, 7, 15, 8, 11, 2]];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float64, false, 1e-12)]
    [InlineData(ScalarType.Float64, true, 1e-12)]
    [InlineData(ScalarType.Float32, false, 1e-5)]
    [InlineData(ScalarType.Float32, true, 1e-5)]
    public void Gpt2_WithBiases_EqualsTheLoops(ScalarType type, bool adapted, double tolerance)
    {
        var weights = new RandomWeights(11);
        var reference = new PlainGpt2(weights);
        weights.Save(_folder, PlainGpt2.Config);
        Compare(weights, reference.Read, type, adapted, tolerance);
    }

    [Theory]
    [InlineData(ScalarType.Float64, false, 1e-12)]
    [InlineData(ScalarType.Float64, true, 1e-12)]
    [InlineData(ScalarType.Float32, false, 1e-5)]
    [InlineData(ScalarType.Float32, true, 1e-5)]
    public void Qwen2_WithBiasesSharedHeadsAndItsOwnHead_EqualsTheLoops(ScalarType type, bool adapted, double tolerance)
    {
        var weights = new RandomWeights(12);
        var reference = new PlainQwen2(weights);
        weights.Save(_folder, PlainQwen2.Config);
        Compare(weights, reference.Read, type, adapted, tolerance);
    }

    private void Compare(
        RandomWeights weights,
        Func<int[], LoraOptions?, (double[,] Hidden, double[,] Logits)> reference,
        ScalarType type,
        bool adapted,
        double tolerance)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = ModelFolder.Load(_folder.Path, CPU, type);
        using var adapter = adapted ? weights.AddAdapter(model, Lora) : null;
        var hidden = model.Hidden(stack(Batch.Select(ids => tensor(ids.Select(id => (long)id).ToArray()))), adapter); // (2, T, D)
        var logits = model.Logits(hidden);
        for (var row = 0; row < Batch.Length; row++)
        {
            var expected = reference(Batch[row], adapted ? Lora : null);
            Stories.Close(tensor(expected.Hidden), hidden[row], tolerance);
            Stories.Close(tensor(expected.Logits), logits[row], tolerance);
        }
    }
}
