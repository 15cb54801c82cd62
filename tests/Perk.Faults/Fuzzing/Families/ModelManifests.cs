using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Manifests of pushed checkpoints: what is accepted names nothing outside its folder.</summary>
internal sealed class ModelManifests : ModelFileFamily
{
    private static readonly StoredFile[] BaseFiles =
        [new("config.json", Ids.Sha256("config"), 391), new("model.safetensors", Ids.Sha256("weights"), 1_049_696), new("tokenizer.model", Ids.Sha256("tokenizer"), 8_007)];

    /// <inheritdoc/>
    public override string Name => "model-manifest";

    /// <inheritdoc/>
    public override int Weight => 80;

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        new Sample("untrained", "manifest.json", Valid().ToJson()),
        new Sample("trained", "manifest.json", (Valid() with
        {
            Meta = null, Trained = [new("checkpoint.json", Ids.Sha256("settings"), 1234), new("meta.safetensors", Ids.Sha256("meta"), 5678)],
            Settings = new CheckpointSettings
            {
                Schema = CheckpointSettings.CurrentSchema, BaseModel = "stories260K", BaseFiles = BaseFiles.ToDictionary(f => f.Name, f => f.Sha256, StringComparer.Ordinal),
                Lora = new LoraOptions { Rank = 4, Targets = ["q_proj"] }, Inner = new InnerLoopOptions { Echo = Echo.LastWord }, SegmentTokens = 64, Training = new() { ["recipe"] = "none" },
            },
        }).ToJson()),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        var manifest = ModelManifest.Parse(input.Bytes, "models/manifest.json");
        var written = UnusableException.Unless("ToJson", manifest.ToJson);
        UnusableException.Require(
            UnusableException.Unless("reading again what was written", () => ModelManifest.Parse(written, "again")).ToJson().AsSpan().SequenceEqual(written), "what is written of it reads otherwise");
        UnusableException.Unless("adding up its bytes", () => manifest.Bytes);
        var identity = UnusableException.Unless("its identity", () => manifest.Identity);
        UnusableException.Unless("the id of an adapter", () => new EncodingOptions { Inner = identity.Settings?.Inner ?? new InnerLoopOptions() }.AdapterId("notes", "d", identity.Checkpoint, identity.Lora));
        UnusableException.Unless("the blobs' names", () => manifest.Files.Select(f => Names.ModelPayload(f.Sha256)).Append(Names.ModelManifest(manifest.Checkpoint)).ToArray());
        var folder = Path.Combine(Path.GetTempPath(), "cache");
        foreach (var name in manifest.Files.Select(f => f.Name).Append(manifest.BaseModel))
            UnusableException.Require(Path.GetDirectoryName(Path.GetFullPath(Path.Combine(folder, name))) == folder, $"it leads out of its folder by '{name}'");
        return true;
    }

    private static ModelManifest Valid() => new()
    {
        Schema = ModelManifest.CurrentSchema, Checkpoint = Ids.Sha256("checkpoint"), BaseModel = "stories260K", Base = BaseFiles, Trained = [], Settings = null,
        Meta = new MetaInitialisation { Lora = new LoraOptions { Layers = [0, 1] } }, Pushed = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero),
        Versions = new Dictionary<string, string>(StringComparer.Ordinal) { ["Perk.Core"] = "0.1.0" },
    };
}
