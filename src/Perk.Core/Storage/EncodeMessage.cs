using static Perk.Core.Storage.MessageChecks;

namespace Perk.Core.Storage;

/// <summary>A message on <see cref="Names.EncodeQueue"/>: which document is to become an adapter.</summary>
public sealed record EncodeMessage
{
    private static readonly string[] Known = ["collection", "document", "checkpoint", "job", "generation", "traceparent"];

    /// <summary>The collection the document belongs to.</summary>
    public required string Collection { get; init; }

    /// <summary>The document's id, 64 hexadecimal digits.</summary>
    public required string Document { get; init; }

    /// <summary>The id of the checkpoint to encode with, 64 hexadecimal digits.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The job's id, <see cref="Names.EncodeJob"/>.</summary>
    public required string Job { get; init; }

    /// <summary>How often the job was submitted or replayed, from 1.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>The W3C trace context of the submitter, null where there is none.</summary>
    public string? Traceparent { get; init; }

    /// <summary>Reads a message body (UTF-8 JSON, after base64).</summary>
    /// <exception cref="MessageFormatException">It is not such a message; the text names the field and what is right.</exception>
    public static EncodeMessage Parse(ReadOnlyMemory<byte> body) => MessageFields.Read(body, Known, From);

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte})"/>
    public static EncodeMessage Parse(string body) => MessageFields.Read(body, Known, From);

    /// <summary>The message body, before base64.</summary>
    /// <exception cref="MessageFormatException">A property has a value that no reader would accept.</exception>
    public string ToJson()
    {
        Check();
        return MessageFields.Write(json =>
        {
            json.WriteString("collection", Collection);
            json.WriteString("document", Document);
            json.WriteString("checkpoint", Checkpoint);
            json.WriteString("job", Job);
            json.WriteNumber("generation", Generation);
            if (Traceparent is not null) json.WriteString("traceparent", Traceparent);
        });
    }

    private static EncodeMessage From(MessageFields fields) => new EncodeMessage
    {
        Collection = fields.Text("collection"),
        Document = fields.Text("document"),
        Checkpoint = fields.Text("checkpoint"),
        Job = fields.Text("job"),
        Generation = fields.Count("generation"),
        Traceparent = fields.OptionalText("traceparent"),
    }.Check();

    private EncodeMessage Check()
    {
        Require("collection", Collection, NameRules.CollectionFault);
        Require("document", Document, NameRules.DocumentIdFault);
        Require("checkpoint", Checkpoint, NameRules.CheckpointIdFault);
        Require("job", Job, NameRules.EncodeJobFault);
        RequireGeneration(Generation);
        RequireTraceparent(Traceparent);
        return this;
    }
}
