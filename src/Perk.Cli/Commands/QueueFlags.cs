using System.CommandLine;
using Perk.Core.Storage;

namespace Perk.Cli.Commands;

/// <summary>The options that say how queues are listened to.</summary>
internal sealed class QueueFlags
{
    private static readonly QueueListenerOptions Defaults = new();

    private readonly Option<int> _batchSize = StandardOption.Create(
        "--batch-size", "Messages of a queue worked on side by side", Defaults.BatchSize);

    private readonly Option<int> _maxDequeueCount = StandardOption.Create(
        "--max-dequeue-count", "Tries before a message goes to the poison queue", Defaults.MaxDequeueCount);

    private readonly Option<TimeSpan> _lock = StandardOption.Create(
        "--lock", "How long a message is hidden while it is worked on (renewed at half), and after a crash",
        Defaults.LockDuration);

    private readonly Option<TimeSpan> _retryDelay = StandardOption.Create(
        "--retry-delay", "How long a failed message stays hidden", Defaults.VisibilityTimeout);

    private readonly Option<TimeSpan> _poll = StandardOption.Create(
        "--poll", "Longest pause between looks at an empty queue", Defaults.MaxPollingInterval);

    /// <summary>Adds all of them.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_batchSize, _maxDequeueCount, _lock, _retryDelay, _poll]) command.Add(option);
    }

    /// <summary>What is given on the command line, over what stands otherwise.</summary>
    public QueueListenerOptions Over(QueueListenerOptions otherwise, ParseResult parsed) => otherwise with
    {
        BatchSize = Given(parsed, _batchSize, otherwise.BatchSize),
        MaxDequeueCount = Given(parsed, _maxDequeueCount, otherwise.MaxDequeueCount),
        LockDuration = Given(parsed, _lock, otherwise.LockDuration),
        VisibilityTimeout = Given(parsed, _retryDelay, otherwise.VisibilityTimeout),
        MaxPollingInterval = Given(parsed, _poll, otherwise.MaxPollingInterval),
    };

    private static T Given<T>(ParseResult parsed, Option<T> option, T otherwise)
        where T : struct =>
        parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option) : otherwise;
}
