using System.Globalization;
using static Perk.Core.Storage.MessageChecks;

namespace Perk.Core.Storage;

/// <summary>A message on <see cref="Names.EvaluateQueue"/>: which suite of evaluations is to be run for which day's report.</summary>
public sealed record EvaluateMessage
{
    private static readonly string[] Known = ["collection", "suite", "checkpoint", "date", "job", "generation", "traceparent"];

    /// <summary>The collection of the job's record.</summary>
    public required string Collection { get; init; }

    /// <summary>The suite's name.</summary>
    public required string Suite { get; init; }

    /// <summary>The id of the checkpoint to evaluate, 64 hexadecimal digits.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The day of the report, in UTC; decided when it is queued, so that a message that comes again goes on with the same report.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>The job's id, <see cref="Names.EvaluateJob"/>.</summary>
    public required string Job { get; init; }

    /// <summary>Which report the message names.</summary>
    public ReportId Report => new(Date, Checkpoint, Suite);

    /// <summary>How often the job was queued or replayed, from 1.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>The W3C trace context of the submitter, null where there is none.</summary>
    public string? Traceparent { get; init; }

    /// <summary>Reads a message body (UTF-8 JSON, after base64).</summary>
    /// <exception cref="MessageFormatException">It is not such a message; the text names the field and what is right.</exception>
    public static EvaluateMessage Parse(ReadOnlyMemory<byte> body) => MessageFields.Read(body, Known, From);

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte})"/>
    public static EvaluateMessage Parse(string body) => MessageFields.Read(body, Known, From);

    /// <summary>The message body, before base64.</summary>
    /// <exception cref="MessageFormatException">A property has a value that no reader would accept.</exception>
    public string ToJson()
    {
        Check();
        return MessageFields.Write(json =>
        {
            json.WriteString("collection", Collection);
            json.WriteString("suite", Suite);
            json.WriteString("checkpoint", Checkpoint);
            json.WriteString("date", Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            json.WriteString("job", Job);
            json.WriteNumber("generation", Generation);
            if (Traceparent is not null) json.WriteString("traceparent", Traceparent);
        });
    }

    private static EvaluateMessage From(MessageFields fields) => new EvaluateMessage
    {
        Collection = fields.Text("collection"),
        Suite = fields.Text("suite"),
        Checkpoint = fields.Text("checkpoint"),
        Date = fields.Date("date"),
        Job = fields.Text("job"),
        Generation = fields.Count("generation"),
        Traceparent = fields.OptionalText("traceparent"),
    }.Check();

    private EvaluateMessage Check()
    {
        Require("collection", Collection, value => value == Names.DefaultCollection ? null : $"{NameRules.Quote(value)} has no evaluations; they are all in '{Names.DefaultCollection}'."); // Reports are of no collection: two would write the same.
        Require("suite", Suite, NameRules.SuiteFault);
        Require("checkpoint", Checkpoint, NameRules.CheckpointIdFault);
        Require("job", Job, NameRules.EvaluateJobFault);
        if (Job != Names.EvaluateJob(Suite)) throw MessageFormatException.For("job", $"it is {NameRules.Quote(Job)}; the job of suite {Suite} is '{Names.EvaluateJob(Suite)}'.");
        RequireGeneration(Generation);
        RequireTraceparent(Traceparent);
        return this;
    }
}
