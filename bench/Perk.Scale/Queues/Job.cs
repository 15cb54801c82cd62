using Perk.Core.Jobs;

namespace Perk.Scale.Queues;

/// <summary>The record of a document's job.</summary>
/// <param name="document">The document.</param>
/// <param name="submitted">When it came, in seconds.</param>
internal sealed class Job(Document document, double submitted = 0)
{
    /// <summary>The document.</summary>
    public Document Document => document;

    /// <summary>When it came, in seconds.</summary>
    public double Submitted => submitted;

    /// <summary>How it stands; as in the product.</summary>
    public JobStatus Status { get; set; } = JobStatus.Queued;

    /// <summary>Tries that began and were not given back.</summary>
    public int Attempts { get; set; }

    /// <summary>How often it was queued again because its message became poison though it had tries left.</summary>
    public int Requeued { get; set; }

    /// <summary>When the last try began, in seconds.</summary>
    public double Begun { get; set; }

    /// <summary>Until when no other host can take it, in seconds; a host that lives renews it.</summary>
    public double LeasedUntil { get; set; }

    /// <summary>Whether it succeeded or was given up.</summary>
    public bool HasEnded => Status is JobStatus.Succeeded or JobStatus.DeadLettered;

    /// <summary>Another try may follow at once.</summary>
    /// <param name="counts">Whether this one was a try; not where the host stops.</param>
    public void GiveBack(bool counts)
    {
        (Status, LeasedUntil) = (JobStatus.Queued, 0);
        if (!counts) Attempts--;
    }
}
