using Microsoft.Extensions.Logging.Abstractions;
using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Serve;

/// <summary>What a sweep finds that nobody works on any more, on real queues.</summary>
public sealed class JobSweepTests(QueuesFixture queues) : IClassFixture<QueuesFixture>
{
    private readonly string _collection = queues.UniqueCollection();
    private readonly BlobStore _store = queues.Account.Objects;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sweep_RunWithoutASignOfLifeAndWithoutAMessage_IsQueuedAgainAndDone()
    {
        var sent = await SubmittedAsync("Lily");
        await WriteAsync(sent, r => r with { Status = JobStatus.Running, Attempt = 1, Worker = "gone/1", Started = Ago(hours: 2), Computing = Ago(hours: 2), Heartbeat = Ago(hours: 1) });
        var report = await SweepAsync();
        Assert.Equal([sent.Job], report.Revived.Select(r => r.Job));
        Assert.Contains("gone/1, gave no sign of life", report.Revived[0].Reason);
        Assert.Empty((await SweepAsync()).Revived);

        await using var host = new RunningHost(queues.Account);
        await queues.EmptyAsync();
        Assert.Equal((JobStatus.Succeeded, 2), (await StatusAsync(sent)).As());
    }

    [Fact]
    public async Task Sweep_QueuedForADay_ItsMessageIsSentAgainOnce()
    {
        var sent = await SubmittedAsync("Mia");
        await WriteAsync(sent, r => r with { Queued = Ago(hours: 25) });
        Assert.Equal([sent.Job], (await SweepAsync()).Revived.Select(r => r.Job));
        Assert.Equal(1, await queues.CountAsync(Names.EncodeQueue));
        Assert.Empty((await SweepAsync()).Revived);
        await using var host = new RunningHost(queues.Account);
        await queues.EmptyAsync();
        Assert.Equal(JobStatus.Succeeded, (await StatusAsync(sent)).Status);
    }

    [Fact]
    public async Task Sweep_PoisonQueue_EachIsDealtWithAndOneBeingWorkedOnDoesNotKeepTheOthers()
    {
        var (tired, fresh, busy) = (await SubmittedAsync("Anna"), await SubmittedAsync("Ben"), await SubmittedAsync("Olga"));
        await WriteAsync(tired, r => r with { Attempt = 5, Reason = "The disk is full." });
        var lease = await _store.TryLeaseAsync(Names.Job(_collection, busy.Job), JobOptions.LongestLease, Now);
        var poison = queues.Account.Queue(Names.PoisonOf(Names.EncodeQueue));
        foreach (var body in new[] { busy.ToJson(), "{", tired.ToJson(), tired.ToJson(), fresh.ToJson() }) await poison.SendMessageAsync(body, Now);

        // No sweep waits for a host that is at work: here a minute would pass.
        var report = await SweepAsync();
        Assert.Equal((4, 0), (report.Poison, report.Faults.Count));
        Assert.Equal((JobStatus.DeadLettered, 5), (await StatusAsync(tired)).As());
        Assert.Contains("given up after 5 tries. The disk is full.", (await StatusAsync(tired)).Reason);
        Assert.Equal((JobStatus.Queued, 0), (await StatusAsync(fresh)).As()); // It had no try yet, and gets them.
        var letters = await _store.ListAsync(Names.DeadLetters, "", Now).ToListAsync(Now);
        Assert.Equal(2, letters.Count); // Two copies are one letter.

        await _store.ReleaseAsync(Names.Job(_collection, busy.Job), lease!, Now);
        Assert.Equal(1, await queues.CountAsync(Names.PoisonOf(Names.EncodeQueue))); // Left for the next sweep.
        await queues.Account.Queue(Names.EncodeQueue).ClearMessagesAsync(Now);
        await poison.ClearMessagesAsync(Now);
    }

    private static DateTimeOffset Ago(int hours) => TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(hours);

    /// <summary>A document whose message was lost.</summary>
    private async Task<EncodeMessage> SubmittedAsync(string name)
    {
        var sent = await new Submission(queues.Account, Small.Model, TimeProvider.System).SendDocumentAsync(_collection, Small.Document(name), name, Now);
        await queues.Account.Queue(Names.EncodeQueue).ClearMessagesAsync(Now);
        return sent;
    }

    private async Task WriteAsync(EncodeMessage of, Func<JobRecord, JobRecord> change) =>
        await _store.WriteAsync(Names.Job(_collection, of.Job), change(await StatusAsync(of)).ToJson(), Now);

    private async Task<JobRecord> StatusAsync(EncodeMessage of) => (await JobRecord.FindAsync(_store, _collection, of.Job, Now))!;

    private async Task<SweepReport> SweepAsync()
    {
        var ledger = new JobLedger(_store, new JobOptions(), TimeProvider.System, "sweeper");
        using var gate = AcceleratorGate.Create();
        using var cache = new AdapterCache(0);
        var encode = new EncodeJob(_store, Small.Model, gate, TimeProvider.System);
        var questions = new QuestionsJob(_store, Small.Model, new DocumentAsker(_store, Small.Model, cache, gate), TimeProvider.System);
        var handlers = new QueueHandlers(
            _store, ledger, new JobHost(ledger, NullLogger.Instance), encode, questions, new EvaluationJob(_store, Small.Model, gate, EvaluationFiles.Shipped, TimeProvider.System, NullLogger.Instance), TimeProvider.System);
        return await new JobSweep(queues.Account, ledger, handlers).RunAsync(Now);
    }
}

/// <summary>What these tests look at.</summary>
file static class Seen
{
    public static (JobStatus Status, int Attempt) As(this JobRecord record) => (record.Status, record.Attempt);
}
