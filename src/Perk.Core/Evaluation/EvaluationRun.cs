using System.Text.Json;
using System.Text.Json.Nodes;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>What was asked: everything that decides a row, so that rows are only gone on with by the same run.</summary>
public static class EvaluationRun
{
    /// <summary>Describes a run.</summary>
    /// <param name="questions">The task.</param>
    /// <param name="options">What is asked.</param>
    /// <param name="checkpoint">The model.</param>
    /// <param name="encoding">How contexts are written.</param>
    /// <param name="icr">The sha256 of the weights of method icr's adapter; null without it.</param>
    public static JsonObject Describe(NamedTask questions, EvaluatorOptions options, Checkpoint checkpoint, EncodingOptions encoding, string? icr) => new()
    {
        ["schema"] = EvaluationReport.CurrentSchema,
        ["task"] = questions.Task.Name,
        ["options"] = questions.Options.DeepClone(),
        ["methods"] = new JsonArray([.. options.Methods.Select(m => JsonValue.Create(m.Name))]),
        ["checkpoint"] = checkpoint.Id,
        ["encoding"] = JsonSerializer.SerializeToNode(encoding with { Inner = encoding.Inner with { SegmentsPerMicroBatch = 1 } }, Json.Compact),
        ["icr"] = icr,
        ["maxTokens"] = options.MaxNewTokens,
        ["retrieved"] = options.RetrievedSegments,
    };
}
