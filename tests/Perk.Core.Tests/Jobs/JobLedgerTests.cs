using System.Reflection;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Jobs;

/// <summary>Who may work on a job, over a folder and a clock that stands still unless told.</summary>
public sealed class JobLedgerTests : IDisposable
{
    private const string Collection = "default";
    private static readonly string Job = Names.EncodeJob(new string('a', 32));
    private static readonly JobOptions Options = new() { Lease = TimeSpan.FromSeconds(15), MaxAttempts = 3 };
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly DirectoryStore _store;

    public JobLedgerTests() => _store = new DirectoryStore(_folder.Path, _time);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Queue_EachState_StartsAGenerationOnlyAfterAnEnd()
    {
        var ledger = Ledger();
        Assert.Equal((1, true), await QueueAsync(ledger));
        Assert.Equal((1, true), await QueueAsync(ledger)); // Its message may have been lost.
        await using (var run = await BegunAsync(ledger, 1))
        {
            Assert.Equal((1, false), await QueueAsync(ledger)); // Its message is being worked on.
            await run.EndAsync(JobStatus.Failed, "not text");
        }

        Assert.Equal((2, true), await QueueAsync(ledger));
        await using (var run = await BegunAsync(ledger, 2)) await run.EndAsync(JobStatus.Succeeded, null);
        Assert.Equal((2, false), await QueueAsync(ledger));
        Assert.Equal((3, true), await QueueAsync(ledger, done: false)); // Recorded as done, and gone.
        var record = (await RecordAsync())!;
        Assert.Equal((JobStatus.Queued, 3, 0, "body 3", null), (record.Status, record.Generation, record.Attempt, record.Message, record.Reason));
    }

    [Fact]
    public async Task Begin_AMessageWithoutARecord_HasOneThen()
    {
        await using var run = await BegunAsync(Ledger("host-1"), 4);
        var record = (await RecordAsync())!;
        Assert.Equal((JobStatus.Running, 4, 1, "host-1", "sent 4"), (record.Status, record.Generation, record.Attempt, record.Worker, record.Message));
        Assert.Equal(_time.GetUtcNow(), record.Heartbeat);
    }

    [Fact]
    public async Task Begin_WhileAnotherHostHasIt_IsBusyUntilItsLeaseRunsOut()
    {
        var (one, two) = (Ledger("one"), Ledger("two"));
        var first = await BegunAsync(one, 1);
        Assert.Equal(JobStartKind.Busy, (await BeginAsync(two, 1)).Kind);
        Assert.Equal(JobStartKind.Busy, (await BeginAsync(one, 1)).Kind);

        // Its process is killed: nothing renews the lease. The other host goes on, and the first one's writes are refused.
        await ComputeAsync(first);
        await StopBeatingAsync(first);
        _time.Advance(TimeSpan.FromSeconds(16));
        await using var second = await BegunAsync(two, 1);
        Assert.Equal(2, second.Record.Attempt);
        await Assert.ThrowsAsync<LeaseLostException>(() => first.EndAsync(JobStatus.Succeeded, null));
        await Assert.ThrowsAsync<LeaseLostException>(() => first.GiveBackAsync("late", counts: true));
        Assert.Equal((JobStatus.Running, "two"), ((await RecordAsync())!.Status, (await RecordAsync())!.Worker));
        await first.DisposeAsync();
        await second.EndAsync(JobStatus.Succeeded, null);
    }

    [Fact]
    public async Task Begin_OlderGenerationOrEndedJob_IsNotBegun()
    {
        var ledger = Ledger();
        await using (var run = await BegunAsync(ledger, 2)) await run.EndAsync(JobStatus.Succeeded, null);
        Assert.Equal(JobStartKind.Older, (await BeginAsync(ledger, 1)).Kind);
        Assert.Equal(JobStartKind.Ended, (await BeginAsync(ledger, 2)).Kind);
        await using var next = await BegunAsync(ledger, 3);
        Assert.Equal((3, 1), (next.Record.Generation, next.Record.Attempt));
        Assert.Equal(JobStartKind.Older, (await BeginAsync(ledger, 2)).Kind); // Known though another holds the lease.
    }

    [Fact]
    public async Task Begin_TriesThatNeverEnd_AreGivenUpAfterTheAllowedNumber()
    {
        var ledger = Ledger();
        for (var n = 1; n <= Options.MaxAttempts; n++)
        {
            var run = await BegunAsync(ledger, 1);
            Assert.Equal(n, run.Record.Attempt);
            await ComputeAsync(run);
            await StopBeatingAsync(run);
            _time.Advance(TimeSpan.FromSeconds(16));
        }

        var start = await BeginAsync(ledger, 1);
        Assert.Equal((JobStartKind.Exhausted, JobStatus.DeadLettered), (start.Kind, start.Record!.Status));
        Assert.Contains("given up after 3 tries. The last of them never ended", start.Record.Reason);
        Assert.Equal(JobStartKind.Ended, (await BeginAsync(ledger, 1)).Kind);
        await using var replayed = await BegunAsync(ledger, 2); // The next generation begins to count anew.
        Assert.Equal(1, replayed.Record.Attempt);
    }

    [Fact]
    public async Task Begin_ProcessesThatDieBeforeTheJobComputes_CostItNoTryUpToALimit()
    {
        var ledger = Ledger();
        var message = new JobMessage(Names.EncodeQueue, Collection, Job, 1, "body");
        for (var n = 0; n < 10; n++)
        {
            var run = await BegunAsync(ledger, 1);
            Assert.Equal((1, n), (run.Record.Attempt, run.Record.Idle));
            await StopBeatingAsync(run);
            _time.Advance(Options.StaleAfter * 1.1);
            // Whoever sees it first, the sweep, the poison handler or the next host, counts it once.
            if (n % 3 == 1) Assert.Equal(0, (await ledger.ReviveAsync((await RecordAsync())!, Now))!.Attempt);
            if (n % 3 == 2) Assert.Equal(0, (await ledger.PoisonedAsync(message, "received too often.", TimeSpan.Zero, Now)).Attempt);
        }

        for (var n = 1; n <= Options.MaxAttempts; n++) // Something keeps killing hosts, and it may be this job after all.
        {
            await StopBeatingAsync(await BegunAsync(ledger, 1));
            _time.Advance(TimeSpan.FromSeconds(16));
        }

        Assert.Equal(JobStartKind.Exhausted, (await BeginAsync(ledger, 1)).Kind);
    }

    [Fact]
    public async Task Computes_WhileTheStorageIsAway_IsToldWithTheNextSignOfLife()
    {
        var store = AwayStore.Over(_store);
        var ledger = new JobLedger((IObjectStore)(object)store, Options, _time, "tests");
        await using var run = await BegunAsync(ledger, 1);
        store.Away = true;
        run.Computes();
        while (store.Asked == 0) await Task.Delay(5, Now);
        await Task.Delay(100, Now);
        Assert.Equal(1, store.Asked); // Not again and again: it is away.
        store.Away = false;
        await UntilAsync(async () => (await RecordAsync())!.Computing is not null);
        await run.EndAsync(JobStatus.Succeeded, null);
    }

    [Fact]
    public async Task GiveBack_OfAStoppingHost_IsNoTry()
    {
        var ledger = Ledger();
        for (var n = 0; n < 5; n++)
        {
            await using var run = await BegunAsync(ledger, 1);
            await run.GiveBackAsync("stopped", counts: false);
        }

        Assert.Equal((JobStatus.Queued, 0), ((await RecordAsync())!.Status, (await RecordAsync())!.Attempt));
    }

    [Fact]
    public async Task Run_SignsOfLife_CarryTheProgressAndKeepTheLease()
    {
        await using var run = await BegunAsync(Ledger(), 1);
        for (var step = 1; step <= 6; step++)
        {
            run.Report(new JobProgress(step, 8, step * 100, 800, 3.5));
            await UntilAsync(async () => (await RecordAsync())!.Progress?.Step == step);
        }

        Assert.InRange((await RecordAsync())!.Heartbeat!.Value, run.Record.Started!.Value + 6 * Options.Heartbeat, _time.GetUtcNow());
        Assert.False(run.Stopping.IsCancellationRequested);
        await run.EndAsync(JobStatus.Succeeded, null);
        Assert.Equal((JobStatus.Succeeded, 6), ((await RecordAsync())!.Status, (await RecordAsync())!.Progress!.Step));
    }

    [Fact]
    public async Task Run_LeaseStolen_IsStoppedAtTheNextSignOfLife()
    {
        await using var run = await BegunAsync(Ledger(), 1);
        foreach (var file in Directory.GetFiles(Path.Combine(_folder.Path, ".leases"), "*", SearchOption.AllDirectories)) File.Delete(file);
        await using var thief = await BegunAsync(Ledger("thief"), 1);
        await UntilAsync(() => Task.FromResult(run.Stopping.IsCancellationRequested));
        Assert.True(run.Lost);
        await Assert.ThrowsAsync<LeaseLostException>(() => run.EndAsync(JobStatus.Failed, "zombie"));
        Assert.Equal("thief", (await RecordAsync())!.Worker);
    }

    [Fact]
    public async Task Run_CancelRequested_IsStoppedAndTheRequestGoesWithTheEnd()
    {
        await using var run = await BegunAsync(Ledger(), 1);
        await _store.WriteAsync(Names.CancelRequest(Collection, Job), "1"u8.ToArray(), Now);
        await UntilAsync(() => Task.FromResult(run.Stopping.IsCancellationRequested));
        Assert.Equal((true, false), (run.CancelRequested, run.Lost));
        await run.EndAsync(JobStatus.Cancelled, "asked");
        Assert.False(await _store.ExistsAsync(Names.CancelRequest(Collection, Job), Now));
        Assert.Equal(JobStatus.Cancelled, (await RecordAsync())!.Status);
    }

    [Fact]
    public async Task Run_CancelRequestOfAnEarlierGeneration_MeansNothing()
    {
        await using var run = await BegunAsync(Ledger(), 2);
        await _store.WriteAsync(Names.CancelRequest(Collection, Job), "1"u8.ToArray(), Now);
        var begun = run.Record.Heartbeat;
        await UntilAsync(() => Task.FromResult(run.Record.Heartbeat > begun + TimeSpan.FromSeconds(20)));
        Assert.False(run.CancelRequested);
        await run.EndAsync(JobStatus.Succeeded, null);
    }

    [Fact]
    public async Task Run_CancelledAndSlowToStop_KeepsItsLeaseUntilItHasEnded()
    {
        await using var run = await BegunAsync(Ledger(), 1);
        await _store.WriteAsync(Names.CancelRequest(Collection, Job), "1"u8.ToArray(), Now);
        await UntilAsync(() => Task.FromResult(run.CancelRequested));
        var requested = _time.GetUtcNow();
        await UntilAsync(() => Task.FromResult(_time.GetUtcNow() > requested + 3 * Options.Lease)); // A micro-batch may be long.
        await run.EndAsync(JobStatus.Cancelled, "asked");
        Assert.Equal(JobStatus.Cancelled, (await RecordAsync())!.Status);
    }

    [Fact]
    public async Task Run_SignOfLifeWhoseReplyIsLost_GoesOn()
    {
        await using var run = await BegunAsync(Ledger(), 1);
        var stored = (await _store.ReadAsync(Names.Job(Collection, Job), Now))!;

        // What the storage did and never told: a version that the run does not know.
        var lease = run.LeaseForTests;
        Assert.NotNull(await _store.TryReplaceAsync(Names.Job(Collection, Job), (run.Record with { Heartbeat = _time.GetUtcNow() }).ToJson(), stored.Version, lease, Now));
        await run.EndAsync(JobStatus.Succeeded, null);
        Assert.Equal(JobStatus.Succeeded, (await RecordAsync())!.Status);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public async Task Report_LossThatIsNoNumber_DoesNotKeepTheJobFromEnding(double loss)
    {
        await using var run = await BegunAsync(Ledger(), 1);
        run.Report(new JobProgress(1, 2, 10, 20, loss));
        await run.EndAsync(JobStatus.Failed, "it diverged");
        Assert.Equal((JobStatus.Failed, null), ((await RecordAsync())!.Status, (await RecordAsync())!.Progress!.Loss));
    }

    [Fact]
    public async Task Poisoned_WithoutItsTries_IsQueuedAgainUpToALimit()
    {
        var ledger = Ledger();
        var message = new JobMessage(Names.EncodeQueue, Collection, Job, 1, "body");
        for (var n = 1; n <= 10; n++) // Hosts were stopped, or the storage was away: not one try was begun.
        {
            var again = await ledger.PoisonedAsync(message, "received too often.", TimeSpan.Zero, Now);
            Assert.Equal((JobStatus.Queued, n, 0, "body"), (again.Status, again.Requeued, again.Attempt, again.Message));
            Assert.InRange(JobLedger.RequeueDelay(again), TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        }

        var ended = await ledger.PoisonedAsync(message, "received too often.", TimeSpan.Zero, Now);
        Assert.Equal(JobStatus.DeadLettered, ended.Status);
        Assert.Contains($"perk jobs replay {Job}", ended.Reason);
        Assert.Equal(ended, await ledger.PoisonedAsync(message, "again", TimeSpan.Zero, Now)); // The second copy changes nothing.
    }

    [Fact]
    public async Task Poisoned_WhileAHostHasIt_IsLeftAlone()
    {
        var ledger = Ledger();
        await using var run = await BegunAsync(ledger, 1);
        await Assert.ThrowsAsync<ObjectLeasedException>(() =>
            ledger.PoisonedAsync(new JobMessage(Names.EncodeQueue, Collection, Job, 1, "body"), "poison", TimeSpan.Zero, Now));
        await run.EndAsync(JobStatus.Succeeded, null);
    }

    [Fact]
    public async Task Revive_ClocksThatDisagree_NeverTakesAJobFromAHostThatLives()
    {
        // Another host's clock is an hour ahead: to it the heartbeat looks stale, and the lease says that it is not.
        var ahead = new FakeTimeProvider(_time.GetUtcNow() + TimeSpan.FromHours(1));
        var other = new JobLedger(_store, Options, ahead, "ahead");
        await using (var run = await BegunAsync(Ledger(), 1))
        {
            Assert.Null(await other.ReviveAsync((await RecordAsync())!, Now));
            Assert.Equal(JobStartKind.Busy, (await BeginAsync(other, 1)).Kind);
            await StopBeatingAsync(run); // killed
        }

        _time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(JobStatus.Queued, (await other.ReviveAsync((await RecordAsync())!, Now))!.Status);

        // And one whose clock is behind finds it stale later, but finds it.
        var behind = new FakeTimeProvider(_time.GetUtcNow() - TimeSpan.FromHours(1));
        var late = new JobLedger(_store, Options, behind, "behind");
        await using (var run = await BegunAsync(Ledger(), 1)) await StopBeatingAsync(run);
        _time.Advance(TimeSpan.FromSeconds(16));
        Assert.Null(await late.ReviveAsync((await RecordAsync())!, Now));
        behind.Advance(TimeSpan.FromHours(2));
        Assert.NotNull(await late.ReviveAsync((await RecordAsync())!, Now));
    }

    [Fact]
    public async Task End_FromOutside_OnlyWhereNobodyWorksOnItAndItHasNotEnded()
    {
        var ledger = Ledger();
        Assert.Null(await ledger.EndAsync(Collection, Job, 1, JobStatus.DeadLettered, "poison", Now));
        await QueueAsync(ledger);
        Assert.Null(await ledger.EndAsync(Collection, Job, 2, JobStatus.DeadLettered, "another generation", Now));
        await using (var run = await BegunAsync(ledger, 1))
        {
            await Assert.ThrowsAsync<ObjectLeasedException>(() => ledger.EndAsync(Collection, Job, 1, JobStatus.DeadLettered, "poison", Now));
            await run.GiveBackAsync(null, counts: true);
        }

        Assert.Equal(JobStatus.DeadLettered, (await ledger.EndAsync(Collection, Job, 1, JobStatus.DeadLettered, "poison", Now))!.Status);
        Assert.Null(await ledger.EndAsync(Collection, Job, 1, JobStatus.Cancelled, "late", Now));
        Assert.Equal("poison", (await RecordAsync())!.Reason);
    }

    [Fact]
    public async Task Begin_DamagedRecord_IsReplaced()
    {
        await _store.WriteAsync(Names.Job(Collection, Job), Encoding.UTF8.GetBytes("{ half"), Now);
        await using var run = await BegunAsync(Ledger(), 1);
        Assert.Equal(1, run.Record.Attempt);
    }

    private JobLedger Ledger(string worker = "tests") => new(_store, Options, _time, worker);

    private static async Task<(int Generation, bool Send)> QueueAsync(JobLedger ledger, bool done = true)
    {
        var queued = await ledger.QueueAsync(Names.EncodeQueue, Collection, Job, g => $"body {g}", () => Task.FromResult(done), Now);
        return (queued.Record.Generation, queued.Send);
    }

    private static Task<JobStart> BeginAsync(JobLedger ledger, int generation) => ledger.BeginAsync(
        new JobMessage(Names.EncodeQueue, Collection, Job, generation, $"sent {generation}"), () => Task.FromResult(true), Now);

    private static async Task<JobRun> BegunAsync(JobLedger ledger, int generation)
    {
        var start = await BeginAsync(ledger, generation);
        Assert.Equal(JobStartKind.Begun, start.Kind);
        return start.Run!;
    }

    /// <summary>Until its record says that it computes.</summary>
    private async Task ComputeAsync(JobRun run)
    {
        run.Computes();
        while ((await RecordAsync()) is { Computing: null }) await Task.Delay(5, Now);
    }

    /// <summary>As if its process were killed.</summary>
    private static Task StopBeatingAsync(JobRun run) => run.StopBeatingAsync();

    private Task<JobRecord?> RecordAsync() => JobRecord.FindAsync(_store, Collection, Job, Now);

    /// <summary>Lets the clock go on until something holds.</summary>
    private async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; !await holds(); i++)
        {
            Assert.True(i < 1000, "It does not come to that.");
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Now);
        }
    }
}

/// <summary>A store whose leases cannot be renewed for a while.</summary>
public class AwayStore : DispatchProxy
{
    private IObjectStore _store = null!;

    /// <summary>Whether it is away.</summary>
    public bool Away { get; set; }

    /// <summary>How often it was asked meanwhile.</summary>
    public int Asked { get; private set; }

    internal static AwayStore Over(IObjectStore store)
    {
        var proxy = (AwayStore)(object)Create<IObjectStore, AwayStore>();
        proxy._store = store;
        return proxy;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (!Away || targetMethod!.Name != nameof(IObjectStore.TryRenewAsync)) return targetMethod!.Invoke(_store, args);
        Asked++;
        throw new IOException("The storage is away.");
    }
}
