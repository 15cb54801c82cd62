using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Small random weights of whatever names and shapes an architecture asks for, which can be written as its file.</summary>
/// <param name="seed">Decides them.</param>
internal sealed class RecordedWeights(long seed) : WeightSource
{
    private readonly Generator _generator = new((ulong)seed, CPU);
    private readonly List<(string Name, Tensor Tensor)> _taken = [];

    /// <summary>Writes weights for a configuration: one file, or two with their index.</summary>
    public static void Write(string folder, ModelConfig config, bool sharded = false)
    {
        using var weights = new RecordedWeights(7);
        using CausalLM model = config is Gpt2Config gpt2 ? new Gpt2(gpt2, weights) : new Llama((LlamaConfig)config, weights);
        if (!sharded)
        {
            SafeTensors.Write(Path.Combine(folder, "model.safetensors"), weights._taken);
            return;
        }

        var halves = weights._taken.Chunk((weights._taken.Count + 1) / 2).Index().ToArray();
        foreach (var (i, half) in halves) SafeTensors.Write(Path.Combine(folder, Shard(i)), half);
        var map = string.Join(",\n", halves.SelectMany(half => half.Item.Select(tensor => $"\"{tensor.Name}\": \"{Shard(half.Index)}\"")));
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), $"{{\"metadata\": {{}}, \"weight_map\": {{{map}}}}}");
    }

    /// <inheritdoc/>
    public override bool Has(string name) => false;

    /// <inheritdoc/>
    public override Tensor Take(string name, params long[] shape)
    {
        var tensor = randn(shape, generator: _generator).Times(0.2).DetachFromDisposeScope();
        _taken.Add((name, tensor));
        return tensor.alias();
    }

    /// <inheritdoc/>
    public override void RequireAllTaken(Func<string, bool> harmless)
    {
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var (_, tensor) in _taken) tensor.Dispose();
        _generator.Dispose();
    }

    private static string Shard(int number) => $"model-0000{number + 1}-of-00002.safetensors";
}
