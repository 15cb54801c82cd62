using System.Runtime.CompilerServices;

namespace Perk.Core.Storage;

/// <summary>How a queue is listened to. The defaults are host.json's and, for the lock, the queue trigger's own.</summary>
public sealed record QueueListenerOptions
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    /// <summary>Messages fetched at once and worked on side by side, 1 to 32.</summary>
    public int BatchSize { get; init => field = Within(value, 1, 32); } = 1;

    /// <summary>Messages still being worked on at which the next batch is fetched, 0 or more.</summary>
    public int NewBatchThreshold { get; init => field = Within(value, 0, 1000); }

    /// <summary>Failures after which a message goes to the poison queue, 1 or more.</summary>
    public int MaxDequeueCount { get; init => field = Within(value, 1, 1000); } = 5;

    /// <summary>How long a failed or released message stays hidden, 0 to 7 days. The queue counts whole seconds.</summary>
    public TimeSpan VisibilityTimeout { get; init => field = Within(value, TimeSpan.Zero); } = TimeSpan.FromSeconds(30);

    /// <summary>How long a message is hidden while it is worked on, 1 second or more; renewed at half of it.</summary>
    public TimeSpan LockDuration { get; init => field = Within(value, TimeSpan.FromSeconds(1)); } = TimeSpan.FromMinutes(10);

    /// <summary>The pause after a first look at an empty queue; it doubles with each further one. More than 0.</summary>
    public TimeSpan MinPollingInterval { get; init => field = Within(value, Instant); } = 100 * Instant;

    /// <summary>The longest pause between looks at an empty queue. More than 0.</summary>
    public TimeSpan MaxPollingInterval { get; init => field = Within(value, Instant); } = TimeSpan.FromSeconds(5);

    /// <summary>How long a cancelled handler may take to end before its message is released all the same, 0 or more.</summary>
    public TimeSpan StopTimeout { get; init => field = Within(value, TimeSpan.Zero); } = TimeSpan.FromSeconds(2);

    private static int Within(int value, int least, int most, [CallerMemberName] string? name = null) =>
        value >= least && value <= most
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {least} and {most}.");

    private static TimeSpan Within(TimeSpan value, TimeSpan least, [CallerMemberName] string? name = null) =>
        value >= least && value <= TimeSpan.FromDays(7)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {least} and 7 days.");
}
