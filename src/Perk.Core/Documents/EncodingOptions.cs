using System.Text.Json.Nodes;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;

namespace Perk.Core.Documents;

/// <summary>How a document is cut and written.</summary>
public sealed record EncodingOptions
{
    /// <summary>How it is cut into segments.</summary>
    public SegmenterOptions Segmenter { get; init; } = new();

    /// <summary>How the segments are written into the adapter.</summary>
    public InnerLoopOptions Inner { get; init; } = new();

    /// <summary>The type the base model computes in.</summary>
    public ComputeType ComputeType { get; init; }

    /// <summary>The same options with another number of inner steps: that which untrained meta-parameters were made for.</summary>
    public EncodingOptions WithSteps(int steps) => this with { Inner = Inner with { Steps = steps } };

    /// <summary>The same options with micro-batches that keep to a limit; the adapter is the same up to rounding.</summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="maxMemoryMiB">The limit, without the model's weights; null for none.</param>
    public EncodingOptions Fitted(Checkpoint checkpoint, int? maxMemoryMiB)
    {
        if (maxMemoryMiB is not { } limit) return this;
        var most = MicroBatch.Fit(
            checkpoint.Model, checkpoint.Meta.InitialAdapter.Options, Segmenter.MaxTokens + DocumentEncoder.PrefixTokens, (long)limit << 20, Inner.SegmentsPerMicroBatch);
        return this with { Inner = Inner with { SegmentsPerMicroBatch = most } };
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
        ["segment"] = Segmenter.ToJson(),
        ["checkpoint"] = checkpoint,
        ["inner"] = Inner.ToJson(),
        ["lora"] = lora.ToJson(),
        ["dtype"] = ComputeType.ToString().ToLowerInvariant(),
    }.ToJsonString(Json.Compact))[..32];
}
