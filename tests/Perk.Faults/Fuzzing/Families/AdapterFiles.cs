using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Adapters in PEFT's files.</summary>
internal sealed class AdapterFiles : ModelFileFamily, IDisposable
{
    private const string Peft = "peft", Gpt2Name = "gpt2";
    private readonly CausalLM _stories, _qwen2, _gpt2;

    /// <summary>Loads the models that adapters are read for.</summary>
    /// <param name="folder">A folder of its own.</param>
    public AdapterFiles(string folder)
    {
        TinyModels.WriteQwen2(Path.Combine(folder, "qwen2"));
        TinyModels.WriteGpt2(Path.Combine(folder, Gpt2Name));
        _stories = ModelFolder.Load(Path.Combine(AppContext.BaseDirectory, "models", "stories260K"), CPU);
        _qwen2 = ModelFolder.Load(Path.Combine(folder, "qwen2"), CPU);
        _gpt2 = ModelFolder.Load(Path.Combine(folder, Gpt2Name), CPU);
        var peft = Path.Combine(AppContext.BaseDirectory, "fixtures", "peft-lora");
        Samples =
        [
            Written(Peft, File.ReadAllBytes(Path.Combine(peft, AdapterFile.WeightsName)), File.ReadAllBytes(Path.Combine(peft, AdapterFile.ConfigName))),
            Untrained("qwen2", _qwen2, new LoraOptions { Rank = 2 }),
            Untrained("some", _qwen2, new LoraOptions { Rank = 3, RankStabilised = false, Targets = ["q_proj", "down_proj"], Layers = [1] }),
            Untrained(Gpt2Name, _gpt2, new LoraOptions { Rank = 1, Targets = ["attn.c_proj"] }),
        ];
    }

    /// <inheritdoc/>
    public override string Name => "adapter-file";

    /// <inheritdoc/>
    public override int Weight => 80;

    /// <inheritdoc/>
    public override bool HoldsTensors => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; }

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        var model = input.Name switch { Peft => _stories, Gpt2Name => _gpt2, _ => _qwen2 };
        using var adapter = AdapterFile.Read(input.Files.GetValueOrDefault(AdapterFile.WeightsName) ?? [], input.Files.GetValueOrDefault(AdapterFile.ConfigName) ?? [], model);
        Forward.Require(model, adapter);
        UnusableException.Unless("writing it again", () => AdapterFile.Write(adapter, "base"));
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in (CausalLM[])[_stories, _qwen2, _gpt2]) model.Dispose();
    }

    private static Sample Untrained(string name, CausalLM model, LoraOptions lora)
    {
        using var meta = MetaParameters.Default(model, new MetaInitialisation { Lora = lora });
        var (weights, config) = AdapterFile.Write(meta.InitialAdapter, name);
        return Written(name, weights, config);
    }

    private static Sample Written(string name, byte[] weights, byte[] config) => new Sample(name, AdapterFile.WeightsName, weights).With(AdapterFile.ConfigName, config);
}
