namespace Perk.Core.Jobs;

/// <summary>Where a job stands.</summary>
/// <remarks>
/// Within a generation it only moves down this list, with two exceptions: a running one may be queued again, and a success that does not hold for a
/// message (its adapter is gone, or it has other questions) is begun again.
/// </remarks>
public enum JobStatus
{
    /// <summary>It waits for a host.</summary>
    Queued,

    /// <summary>A host works on it.</summary>
    Running,

    /// <summary>It did what was asked.</summary>
    Succeeded,

    /// <summary>It cannot be done as asked; the reason says what to do.</summary>
    Failed,

    /// <summary>It was given up after the allowed tries.</summary>
    DeadLettered,

    /// <summary>Somebody asked that it not be done.</summary>
    Cancelled,
}
