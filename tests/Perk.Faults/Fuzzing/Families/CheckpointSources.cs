using Perk.Core.MetaLearning;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>A base model with its tokenizer and a checkpoint for it, loaded together as hosts and commands do.</summary>
internal sealed class CheckpointSources : ModelFileFamily
{
    private const string Model = "model", Trained = "checkpoint";
    private readonly string _folder;

    /// <summary>Writes the samples.</summary>
    /// <param name="folder">A folder of its own.</param>
    public CheckpointSources(string folder)
    {
        _folder = Path.Combine(folder, "source");
        TinyModels.WriteTokenizer(Path.Combine(folder, "written", Model));
        TinyModels.WriteQwen2(Path.Combine(folder, "written", Model));
        var untrained = Sample.Of("untrained", Path.Combine(folder, "written"));
        using (var model = ModelFolder.Load(Path.Combine(folder, "written", Model), CPU))
        {
            var source = new CheckpointSource { ModelFolder = Path.Combine(folder, "written", Model) };
            TinyCheckpoint.Write(Path.Combine(folder, "written", Trained), model, source.BaseFiles(), tokenWeight: 1);
        }

        Samples = [untrained, Sample.Of("trained", Path.Combine(folder, "written"))];
    }

    /// <inheritdoc/>
    public override string Name => "checkpoint-source";

    /// <inheritdoc/>
    public override int Weight => 30;

    /// <inheritdoc/>
    public override bool HoldsTensors => true;

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; }

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        input.WriteTo(_folder);
        var source = new CheckpointSource { ModelFolder = Path.Combine(_folder, Model), Folder = input.Name == "trained" ? Path.Combine(_folder, Trained) : null };
        using var loaded = source.Load(CPU);
        Forward.Require(loaded.Model, loaded.Meta.InitialAdapter);
        TokenizerFolders.Require(loaded.Tokenizer);
        UnusableException.Require(loaded.Tokenizer.VocabularySize <= loaded.Model.VocabularySize, "its tokenizer has ids that its model has not");
        return true;
    }
}
