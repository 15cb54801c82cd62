using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>A model in Hugging Face's layout: config.json, safetensors weights (one file or sharded), tokenizer.</summary>
public static class ModelFolder
{
    /// <summary>Loads a model.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where the weights go.</param>
    /// <param name="type">
    /// The type to compute in, whatever the file's is: float32; bfloat16, at less memory and time, with adapters that stay
    /// float32; float64 for checking gradients.
    /// </param>
    /// <exception cref="ModelFileException">
    /// A file is missing, damaged or of an unsupported architecture; the message names file and tensor.
    /// </exception>
    public static CausalLM Load(string folder, Device device, ScalarType type = ScalarType.Float32)
    {
        var config = ModelConfig.Load(Path.Combine(folder, "config.json"));
        using var weights = FolderWeights.Open(folder, type, device);
        return Create(config, weights);
    }

    /// <summary>A model of a configuration with weights that nothing has trained.</summary>
    /// <param name="config">Its configuration.</param>
    /// <param name="seed">Decides the weights.</param>
    /// <param name="device">Where they go.</param>
    /// <param name="type">The type to compute in.</param>
    public static CausalLM Initialise(ModelConfig config, long seed, Device device, ScalarType type = ScalarType.Float32)
    {
        using var weights = new InitialWeights(seed, type, device);
        return Create(config, weights);
    }

    /// <summary>Writes a model of the Qwen2 family, without a tokenizer; the configuration comes last.</summary>
    /// <param name="folder">The folder, made where it is missing.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="eosId">The token that ends a text.</param>
    /// <param name="weights">Every weight by its name; they stay the caller's.</param>
    /// <exception cref="ArgumentException">The configuration is not of the Qwen2 family.</exception>
    internal static void Write(string folder, LlamaConfig config, int eosId, IEnumerable<(string Name, Tensor Tensor)> weights)
    {
        var json = config.ToQwen2Json(eosId);
        Directory.CreateDirectory(folder);
        SafeTensors.Write(
            Path.Combine(folder, FolderWeights.Single), weights, new Dictionary<string, string>(StringComparer.Ordinal) { ["format"] = "pt" });
        AtomicFile.Write(Path.Combine(folder, "config.json"), json);
    }

    /// <summary>The files that decide what the model computes: configuration and weights (the tokenizer names its own).</summary>
    public static IReadOnlyList<string> Files(string folder) =>
        [Path.Combine(folder, "config.json"), .. FolderWeights.FilesIn(folder)];

    private static CausalLM Create(ModelConfig config, WeightSource weights) => config switch
    {
        Gpt2Config gpt2 => new Gpt2(gpt2, weights),
        LlamaConfig llama => new Llama(llama, weights),
        _ => throw new InvalidOperationException($"No model for {config.GetType()}."),
    };
}
