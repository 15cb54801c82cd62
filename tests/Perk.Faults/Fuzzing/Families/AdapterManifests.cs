using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Manifests of stored adapters.</summary>
internal sealed class AdapterManifests : ModelFileFamily
{
    /// <inheritdoc/>
    public override string Name => "adapter-manifest";

    /// <inheritdoc/>
    public override int Weight => 150;

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        new Sample("untrained", "manifest.json", Valid().ToJson()),
        new Sample("trained", "manifest.json", (Valid() with { Meta = null, Options = new EncodingOptions { Inner = new InnerLoopOptions { Echo = Echo.LastWord } } }).ToJson()),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        var manifest = AdapterManifest.Parse(input.Bytes, "notes-2026/manifest.json");
        var written = UnusableException.Unless("ToJson", manifest.ToJson);
        UnusableException.Require(
            UnusableException.Unless("reading again what was written", () => AdapterManifest.Parse(written, "again")).ToJson().AsSpan().SequenceEqual(written), "what is written of it reads otherwise");
        UnusableException.Unless("adding up its bytes", () => manifest.Bytes);
        UnusableException.Unless("the id of such an adapter", () => manifest.Options.AdapterId(manifest.Collection, manifest.Document, manifest.Checkpoint, manifest.Meta?.Lora ?? new LoraOptions()));
        UnusableException.Require(manifest.Options.Inner is { Optimizer: var o, Echo: var e } && Enum.IsDefined(o) && Enum.IsDefined(e), "an option of it is none of those there are");
        return true;
    }

    private static AdapterManifest Valid() => new()
    {
        Schema = AdapterManifest.CurrentSchema, Adapter = Ids.Sha256("adapter")[..32], Collection = "notes-2026", Document = Ids.Sha256("document"), TextEncoding = "utf-8",
        Checkpoint = Ids.Sha256("checkpoint"), BaseModel = "stories260K", Meta = new MetaInitialisation(), Options = new EncodingOptions(),
        Files = [new StoredFile("adapter_model.safetensors", Ids.Sha256("weights"), 12_345), new StoredFile("adapter_config.json", Ids.Sha256("config"), 678)],
        Segments = 3, Tokens = 700, Losses = [4.5, 3.25, 2.5, 2.125], EncodeSeconds = 1.5, Created = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero),
        Versions = new Dictionary<string, string>(StringComparer.Ordinal) { ["Perk.Core"] = "0.1.0" },
    };
}
