using Perk.Core.Telemetry;

namespace Perk.Core.Storage;

/// <summary>How long queues are, and how long their oldest messages have waited; Azure's own figure is of the whole account and hours old.</summary>
/// <param name="account">The account.</param>
/// <param name="time">The clock.</param>
public sealed class QueueMeasure(StorageAccount account, TimeProvider time)
{
    /// <summary>Measures the queues and their poison queues, for whoever listens to <see cref="Instruments"/> too.</summary>
    /// <returns>Those that there are.</returns>
    public async Task<IReadOnlyList<QueueState>> MeasureAsync(CancellationToken cancel)
    {
        var states = new List<QueueState>();
        foreach (var name in Names.Queues.SelectMany(q => new[] { q, Names.PoisonOf(q) }))
        {
            var queue = account.Queue(name);
            if (!await queue.ExistsAsync(cancel)) continue;
            var length = (await queue.GetPropertiesAsync(cancel)).Value.ApproximateMessagesCount;
            var seen = length == 0 ? [] : (await queue.PeekMessagesAsync(32, cancel)).Value;
            var age = seen.Min(m => m.InsertedOn) is { } oldest && oldest < time.GetUtcNow() ? time.GetUtcNow() - oldest : TimeSpan.Zero;
            states.Add(new QueueState(name, length, age));
            Instruments.QueueLength.Record(length, Instruments.Queue(name));
            Instruments.QueueAge.Record(age.TotalSeconds, Instruments.Queue(name));
        }

        return states;
    }
}

/// <summary>How a queue stands.</summary>
/// <param name="Queue">Its name.</param>
/// <param name="Length">Messages in it, about; hidden ones too.</param>
/// <param name="Age">The age of the oldest of the visible ones.</param>
public sealed record QueueState(string Queue, int Length, TimeSpan Age);
