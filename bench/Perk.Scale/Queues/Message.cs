namespace Perk.Scale.Queues;

/// <summary>A message: a pointer to a job.</summary>
/// <param name="job">The job.</param>
internal sealed class Message(Job job)
{
    /// <summary>The job.</summary>
    public Job Job => job;

    /// <summary>How often it was received, the queue's dequeue count.</summary>
    public int Received { get; set; }

    /// <summary>When it was received last, in seconds.</summary>
    public double LockedAt { get; set; }
}
