using System.Text.Json.Nodes;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;

namespace Perk.Core.Documents;

/// <summary>How a document is cut and written.</summary>
public sealed record EncodingOptions
{
    private const int PrefixTokens = 32;

    /// <summary>How it is cut into segments.</summary>
    public SegmenterOptions Segmenter { get; init; } = new();

    /// <summary>How the segments are written into the adapter.</summary>
    public InnerLoopOptions Inner { get; init; } = new();

    /// <summary>Checks that the segments fit a checkpoint's window.</summary>
    /// <exception cref="ArgumentException">They do not; the message says how long they may be.</exception>
    public EncodingOptions ValidatedFor(Checkpoint checkpoint)
    {
        // The prefix "doc_{i}:" and the special tokens need room too.
        var most = checkpoint.Model.MaxPositions - PrefixTokens;
        return Segmenter.MaxTokens <= most ? this : throw new ArgumentException(
            $"Segments of {Segmenter.MaxTokens} tokens do not fit {checkpoint.ModelName}'s window of "
            + $"{checkpoint.Model.MaxPositions}; use at most {most}.");
    }

    /// <summary>
    /// The adapter id, 32 hexadecimal digits: sha256 over canonical JSON of everything that decides the adapter's weights, so that
    /// the same document under the same options is encoded once.
    /// </summary>
    /// <param name="collection">The collection the adapter belongs to.</param>
    /// <param name="document">The document id.</param>
    /// <param name="checkpoint">The checkpoint id.</param>
    /// <param name="lora">The adapter's shape.</param>
    public string AdapterId(string collection, string document, string checkpoint, LoraOptions lora) => Ids.Sha256(new JsonObject
    {
        ["schema"] = AdapterManifest.CurrentSchema,
        ["collection"] = collection,
        ["document"] = document,
        ["text"] = TextDecoder.Version,
        ["segment"] = new JsonObject { ["format"] = PromptFormat.Version, ["maxTokens"] = Segmenter.MaxTokens },
        ["checkpoint"] = checkpoint,
        ["inner"] = Inner.ToJson(),
        ["lora"] = lora.ToJson(),
        ["dtype"] = "float32",
    }.ToJsonString(Json.Compact))[..32];
}
