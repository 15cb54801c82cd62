using Perk.Core;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Records of jobs.</summary>
internal sealed class JobRecords : RecordFamily
{
    /// <inheritdoc/>
    public override string Name => "job-record";

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        Record("queued", Valid()),
        Record("running", Valid() with { Status = JobStatus.Running, Attempt = 2, Worker = "host-1 42", Progress = new JobProgress(2, 4, 300, 400, 2.5), Started = Moment, Computing = Moment, Idle = 1, Heartbeat = Moment }),
        Record("failed", Valid() with { Status = JobStatus.Failed, Reason = "The document is empty; submit one with text.", Resent = Moment, Ended = Moment }),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        if (JobRecord.Parse(input.Bytes) is not { } record) return false;
        RequireKnown(record.Status);
        UnusableException.Require(record is { Collection: not null, Queue: not null }, "its collection or queue is null");
        UnusableException.Require(record == JobRecord.Parse(UnusableException.Unless("ToJson", record.ToJson)), "what is written of it reads otherwise");
        return true;
    }

    private static JobRecord Valid() => new()
    {
        Job = Names.EncodeJob(Ids.Sha256("adapter")[..32]), Collection = Collection, Queue = Names.EncodeQueue, Generation = 1, Status = JobStatus.Queued, Queued = Moment,
        Message = """{"v":1,"collection":"notes-2026"}""",
    };
}
