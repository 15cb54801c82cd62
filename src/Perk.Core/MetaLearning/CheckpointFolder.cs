using Perk.Core.Lora;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>
/// Meta-parameters as a folder: the initial adapter in PEFT's files, <c>meta.safetensors</c> with the step sizes and the token-weighting
/// head, and <see cref="CheckpointSettings"/>.
/// </summary>
public static class CheckpointFolder
{
    /// <summary>The file of step sizes and token-weighting head.</summary>
    public const string MetaName = "meta.safetensors";

    private const string StepSizes = "step_sizes";
    private static readonly string[] Weighting = ["weighting.0.weight", "weighting.0.bias", "weighting.1.weight", "weighting.1.bias"];

    /// <summary>The files that decide what the checkpoint computes.</summary>
    internal static IReadOnlyList<string> Files(string folder) =>
        [.. new[] { AdapterFile.WeightsName, AdapterFile.ConfigName, MetaName, CheckpointSettings.FileName }.Select(f => Path.Combine(folder, f))];

    /// <summary>Writes a checkpoint; the settings come last, so that an interrupted write is no checkpoint.</summary>
    /// <param name="folder">The folder, made where it is missing.</param>
    /// <param name="meta">The meta-parameters; they stay the caller's.</param>
    /// <param name="settings">What they are for.</param>
    public static void Write(string folder, MetaParameters meta, CheckpointSettings settings)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, CheckpointSettings.FileName);
        File.Delete(path);
        var (weights, config) = AdapterFile.Write(meta.InitialAdapter, settings.BaseModel);
        AtomicFile.Write(Path.Combine(folder, AdapterFile.WeightsName), weights);
        AtomicFile.Write(Path.Combine(folder, AdapterFile.ConfigName), config);
        SafeTensors.Write(
            Path.Combine(folder, MetaName),
            [(StepSizes, meta.StepSizes.detach()), .. Weighting.Zip((meta.Weighting?.Tensors ?? []).Select(t => t.detach()))]);
        AtomicFile.Write(path, settings.ToJson());
    }

    /// <summary>Reads the meta-parameters of a checkpoint.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="model">The base model.</param>
    /// <returns>The meta-parameters on the model's device; the caller disposes them.</returns>
    /// <exception cref="ModelFileException">A file is missing or damaged, or does not fit the model or the settings.</exception>
    public static MetaParameters Read(string folder, CheckpointSettings settings, CausalLM model)
    {
        var path = Path.Combine(folder, MetaName);
        var read = ReadAdapter(folder, model);
        try
        {
            using var noGradient = no_grad();
            using var scope = NewDisposeScope();
            using var file = SafeTensorsFile.Open(path);
            var modules = settings.Lora.SelectFor(model, Path.Combine(folder, CheckpointSettings.FileName));
            if (read.Options.Scaling != settings.Lora.Scaling || read.Options.Rank != settings.Lora.Rank || !modules.SequenceEqual(read.Modules))
                throw new ModelFileException(path, $"the adapter's rank, scaling or projections differ from those in {CheckpointSettings.FileName}.");
            // PEFT's file names every projection; ids are made of what the settings say, by those who submit documents too.
            var initial = new Adapter(settings.Lora, read.Modules, read.Tensors);
            var stepSizes = Load(StepSizes, settings.Inner.Steps, initial.Tensors.Count);
            var head = file.Entries.Count > 1
                ? new TokenWeighting([
                    Load(Weighting[0], TokenWeighting.Width, model.HiddenSize), Load(Weighting[1], TokenWeighting.Width),
                    Load(Weighting[2], 1, TokenWeighting.Width), Load(Weighting[3], 1)])
                : null;
            foreach (var tensor in (IEnumerable<Tensor>)[stepSizes, .. head?.Tensors ?? []]) tensor.DetachFromDisposeScope();
            return new MetaParameters(initial, stepSizes, head);

            Tensor Load(string name, params long[] shape) => file.Load(name, shape).to(ScalarType.Float32).to(model.Device);
        }
        catch
        {
            read.Dispose();
            throw;
        }
    }

    /// <summary>Reads the adapter of a folder: a checkpoint's initial one, or one that was trained to answer from the prompt.</summary>
    /// <exception cref="ModelFileException">A file is missing or damaged, or does not fit the model.</exception>
    public static Adapter ReadAdapter(string folder, CausalLM model) =>
        AdapterFile.Read(Bytes(Path.Combine(folder, AdapterFile.WeightsName)), Bytes(Path.Combine(folder, AdapterFile.ConfigName)), model);

    private static byte[] Bytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(path, $"cannot be read: {e.Message}", e);
        }
    }
}
