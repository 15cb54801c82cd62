using System.Text;
using Microsoft.Extensions.Time.Testing;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Jobs;

/// <summary>Who may work on a job, and what becomes of its record.</summary>
public sealed class JobLedgerTests : JobRecordsOnDisk
{
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
        Assert.Equal(Time.GetUtcNow(), record.Heartbeat);
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
        Time.Advance(TimeSpan.FromSeconds(16));
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
            Time.Advance(TimeSpan.FromSeconds(16));
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
            Time.Advance(Options.StaleAfter * 1.1);
            // Whoever sees it first, the sweep, the poison handler or the next host, counts it once.
            if (n % 3 == 1) Assert.Equal(0, (await ledger.ReviveAsync((await RecordAsync())!, Now))!.Attempt);
            if (n % 3 == 2) Assert.Equal(0, (await ledger.PoisonedAsync(message, "received too often.", TimeSpan.Zero, Now)).Attempt);
        }

        for (var n = 1; n <= Options.MaxAttempts; n++) // Something keeps killing hosts, and it may be this job after all.
        {
            await StopBeatingAsync(await BegunAsync(ledger, 1));
            Time.Advance(TimeSpan.FromSeconds(16));
        }

        Assert.Equal(JobStartKind.Exhausted, (await BeginAsync(ledger, 1)).Kind);
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
        var ahead = new FakeTimeProvider(Time.GetUtcNow() + TimeSpan.FromHours(1));
        var other = new JobLedger(Store, Options, ahead, "ahead");
        await using (var run = await BegunAsync(Ledger(), 1))
        {
            Assert.Null(await other.ReviveAsync((await RecordAsync())!, Now));
            Assert.Equal(JobStartKind.Busy, (await BeginAsync(other, 1)).Kind);
            await StopBeatingAsync(run); // killed
        }

        Time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal(JobStatus.Queued, (await other.ReviveAsync((await RecordAsync())!, Now))!.Status);

        // And one whose clock is behind finds it stale later, but finds it.
        var behind = new FakeTimeProvider(Time.GetUtcNow() - TimeSpan.FromHours(1));
        var late = new JobLedger(Store, Options, behind, "behind");
        await using (var run = await BegunAsync(Ledger(), 1)) await StopBeatingAsync(run);
        Time.Advance(TimeSpan.FromSeconds(16));
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
        await Store.WriteAsync(Names.Job(Collection, Job), Encoding.UTF8.GetBytes("{ half"), Now);
        await using var run = await BegunAsync(Ledger(), 1);
        Assert.Equal(1, run.Record.Attempt);
    }
}
