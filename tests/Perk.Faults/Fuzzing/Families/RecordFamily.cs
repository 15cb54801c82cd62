using System.Text.Json;
using Perk.Core;
using Perk.Core.Jobs;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Records that can be written again where they are damaged: read, or null, and never an exception.</summary>
internal abstract class RecordFamily : Family
{
    /// <summary>A collection.</summary>
    protected const string Collection = "notes-2026";

    /// <summary>A moment.</summary>
    protected static readonly DateTimeOffset Moment = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override int Weight => 110;

    /// <inheritdoc/>
    public override bool IsRefusal(Exception e) => false;

    /// <inheritdoc/>
    public override bool NamesInput(Exception refusal) => false;

    /// <summary>An input of one record.</summary>
    protected static Sample Record(string name, object record) => new(name, "record.json", JsonSerializer.SerializeToUtf8Bytes(record, Json.Indented));

    /// <summary>A record must be writable again, and a status one that is known.</summary>
    protected static void RequireWritable(object record) => UnusableException.Unless("writing it again", () => JsonSerializer.SerializeToUtf8Bytes(record, Json.Indented));

    /// <summary>Where a job stands must be a place that is known.</summary>
    protected static void RequireKnown(JobStatus status) => UnusableException.Require(Enum.IsDefined(status), $"its status is {status}");
}
