using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Cli.Serve;

/// <summary>
/// Listens on <c>encode</c> and <c>questions</c> with the semantics of the queue trigger: all roles in one process, one job at a
/// time on the accelerator. In Azure the Functions host does this.
/// </summary>
internal sealed class LocalHost
{
    /// <summary>How long a question waits, unless told otherwise, before it looks again for a document that is not encoded yet.</summary>
    public static readonly TimeSpan StandardWait = TimeSpan.FromSeconds(5);

    private readonly StorageAccount _account;
    private readonly QueueListenerOptions _options;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _accelerator;
    private readonly QueueHandlers _handlers;

    public LocalHost(
        StorageAccount account, Checkpoint checkpoint, EncodingOptions encoding, QueueListenerOptions options, SemaphoreSlim accelerator, ILogger logger,
        JobOptions? jobs = null)
    {
        var ledger = new JobLedger(account.Objects, jobs ?? new JobOptions(), TimeProvider.System, Worker);
        var encode = new EncodeJob(account.Objects, checkpoint, encoding, accelerator, TimeProvider.System);
        var questions = new QuestionsJob(account.Objects, checkpoint, encode, accelerator, TimeProvider.System);
        _handlers = new QueueHandlers(account.Objects, ledger, new JobHost(ledger, logger), encode, questions, TimeProvider.System);
        (_account, _options, _accelerator, _logger) = (account, options, accelerator, logger);
    }

    /// <summary>Who this process is, for people who read job records.</summary>
    public static string Worker { get; } = $"{Environment.MachineName}/{Environment.ProcessId}";

    /// <summary>How long a question waits before it looks again for a document that is not encoded yet.</summary>
    public TimeSpan Wait { get; init; } = StandardWait;

    /// <summary>Makes the receiver of a document's progress; null logs each inner step.</summary>
    public Func<EncodeMessage, IProgress<EncodeProgress>?>? Progress { get; init; }

    /// <summary>Listens until cancelled, and until nothing computes any more: the model may be disposed then.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await _account.EnsureQueuesAsync(cancel);
        await Task.WhenAll(
            ListenAsync(Names.EncodeQueue, EncodeAsync, cancel),
            ListenAsync(Names.QuestionsQueue, QuestionsAsync, cancel));

        // A micro-batch cannot be cut off, and the listeners wait only so long for their handlers.
        await _accelerator.WaitAsync(CancellationToken.None);
        _accelerator.Release();
    }

    private Task ListenAsync(string queue, Func<string, ReadOnlyMemory<byte>, CancellationToken, Task> handle, CancellationToken cancel) =>
        new QueueListener(
            _account.Queue(queue),
            _account.Queue(Names.PoisonOf(queue)),
            (message, stop) => handle(message.MessageId, message.Body.ToMemory(), stop),
            _options,
            _logger,
            TimeProvider.System,
            (message, reason, stop) => _handlers.PoisonedAsync(queue, message.MessageId, message.Body.ToMemory(), reason, stop)).RunAsync(cancel);

    private async Task EncodeAsync(string id, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var outcome = await _handlers.EncodeAsync(id, body, Begin, cancel);
        await SettleAsync(Names.EncodeQueue, id, body, outcome, cancel);
    }

    private IProgress<EncodeProgress>? Begin(EncodeMessage message)
    {
        LocalHostLog.Begins(_logger, message.Job, message.Document);
        return Progress is null ? new StepLog(_logger, message.Job) : Progress(message);
    }

    private async Task QuestionsAsync(string id, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var outcome = await _handlers.QuestionsAsync(id, body, cancel);
        await SettleAsync(Names.QuestionsQueue, id, body, outcome, cancel);
    }

    private async Task SettleAsync(string queue, string id, ReadOnlyMemory<byte> body, JobOutcome? outcome, CancellationToken cancel)
    {
        if (outcome is null) LocalHostLog.Malformed(_logger, queue, id);
        if (outcome is not { Kind: JobOutcomeKind.Wait }) return;

        // Sent before this one is deleted: a crash in between asks twice, which is done once, and loses nothing.
        await _account.SendAsync(queue, body, Wait, cancel);
        LocalHostLog.Waiting(_logger, id, Wait);
    }
}
