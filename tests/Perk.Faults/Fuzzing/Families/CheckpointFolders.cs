using Perk.Core.MetaLearning;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Folders of trained meta-parameters.</summary>
internal sealed class CheckpointFolders : ModelFileFamily, IDisposable
{
    private readonly string _folder;
    private readonly CausalLM _model;

    /// <summary>Loads the model the checkpoints are for.</summary>
    /// <param name="folder">A folder of its own.</param>
    public CheckpointFolders(string folder)
    {
        _folder = Path.Combine(folder, "checkpoint");
        TinyModels.WriteQwen2(Path.Combine(folder, "model"));
        _model = ModelFolder.Load(Path.Combine(folder, "model"), CPU);
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal) { ["config.json"] = new('0', 64) };
        TinyCheckpoint.Write(Path.Combine(folder, "plain"), _model, hashes, tokenWeight: null);
        TinyCheckpoint.Write(Path.Combine(folder, "weighted"), _model, hashes, tokenWeight: 1);
        Samples = [Sample.Of("plain", Path.Combine(folder, "plain")), Sample.Of("weighted", Path.Combine(folder, "weighted"))];
    }

    /// <inheritdoc/>
    public override string Name => "checkpoint";

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
        var settings = CheckpointSettings.Read(_folder);
        using var meta = CheckpointFolder.Read(_folder, settings, _model);
        TinyCheckpoint.Require(settings, meta, _model);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();
}
