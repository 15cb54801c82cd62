using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Checkpoint folders for a tiny model.</summary>
internal static class TinyCheckpoint
{
    /// <summary>Writes one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The base model.</param>
    /// <param name="baseFiles">The hashes of its files.</param>
    /// <param name="tokenWeight">What its token-weighting head begins with; null for no head.</param>
    public static void Write(string folder, CausalLM model, IReadOnlyDictionary<string, string> baseFiles, double? tokenWeight)
    {
        var lora = new LoraOptions { Rank = 2, Layers = tokenWeight is null ? null : [1], Targets = tokenWeight is null ? null : ["q_proj", "v_proj"] };
        var settings = new CheckpointSettings
        {
            Schema = CheckpointSettings.CurrentSchema, BaseModel = "tiny", BaseFiles = baseFiles, Lora = lora, Inner = new InnerLoopOptions { Steps = 2 }, SegmentTokens = 32, MaxNewTokens = 16,
            Training = new() { ["recipe"] = "none" },
        };
        using var meta = MetaStart.New(model, new MetaInitialisation { Lora = lora, Steps = 2 }, tokenWeight);
        CheckpointFolder.Write(folder, meta, settings);
    }

    /// <summary>Asks whether what was read can encode.</summary>
    public static void Require(CheckpointSettings settings, MetaParameters meta, CausalLM model)
    {
        Forward.Require(model, meta.InitialAdapter);
        UnusableException.Require(meta.StepSizes.shape[0] == settings.Inner.Steps, "it has other step sizes than steps");
        UnusableException.Unless("cutting into segments", () => new Perk.Core.Documents.SegmenterOptions { MaxTokens = settings.SegmentTokens, Unit = settings.SegmentUnit });
        UnusableException.Require(Enum.IsDefined(settings.SegmentUnit), "its segments are of a unit that is none");
        UnusableException.Unless("ToJson", settings.ToJson);
        UnusableException.Unless("the id of an adapter", () => new Perk.Core.Documents.EncodingOptions { Inner = settings.Inner }.AdapterId("notes", "d", "c", settings.Lora));
    }
}
