using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Base models in Hugging Face's layout, without their tokenizers.</summary>
internal sealed class ModelFolders : ModelFileFamily
{
    private readonly string _folder;

    /// <summary>Writes the samples.</summary>
    /// <param name="folder">A folder of its own.</param>
    public ModelFolders(string folder)
    {
        _folder = Path.Combine(folder, "model");
        Samples = [Made("qwen2", TinyModels.WriteQwen2), Made("llama", TinyModels.WriteLlama), Made("gpt2", TinyModels.WriteGpt2)];

        Sample Made(string name, Action<string> write)
        {
            write(Path.Combine(folder, name));
            return Sample.Of(name, Path.Combine(folder, name));
        }
    }

    /// <inheritdoc/>
    public override string Name => "model";

    /// <inheritdoc/>
    public override int Weight => 80;

    /// <inheritdoc/>
    public override bool HoldsTensors => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; }

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        input.WriteTo(_folder);
        using var model = ModelFolder.Load(_folder, CPU);
        Forward.Require(model);
        return true;
    }
}
