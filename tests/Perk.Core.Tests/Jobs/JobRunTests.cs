using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Jobs;

/// <summary>A job while a host works on it: signs of life, progress, cancelling, giving back.</summary>
public sealed class JobRunTests : JobRecordsOnDisk
{
    [Fact]
    public async Task Computes_WhileTheStorageIsAway_IsToldWithTheNextSignOfLife()
    {
        var store = AwayStore.Over(Store);
        var ledger = new JobLedger((IObjectStore)(object)store, Options, Time, "tests");
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

        Assert.InRange((await RecordAsync())!.Heartbeat!.Value, run.Record.Started!.Value + 6 * Options.Heartbeat, Time.GetUtcNow());
        Assert.False(run.Stopping.IsCancellationRequested);
        await run.EndAsync(JobStatus.Succeeded, null);
        Assert.Equal((JobStatus.Succeeded, 6), ((await RecordAsync())!.Status, (await RecordAsync())!.Progress!.Step));
    }

    [Fact]
    public async Task Run_LeaseStolen_IsStoppedAtTheNextSignOfLife()
    {
        await using var run = await BegunAsync(Ledger(), 1);
        foreach (var file in Directory.GetFiles(Path.Combine(Folder, ".leases"), "*", SearchOption.AllDirectories)) File.Delete(file);
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
        await Store.WriteAsync(Names.CancelRequest(Collection, Job), "1"u8.ToArray(), Now);
        await UntilAsync(() => Task.FromResult(run.Stopping.IsCancellationRequested));
        Assert.Equal((true, false), (run.CancelRequested, run.Lost));
        await run.EndAsync(JobStatus.Cancelled, "asked");
        Assert.False(await Store.ExistsAsync(Names.CancelRequest(Collection, Job), Now));
        Assert.Equal(JobStatus.Cancelled, (await RecordAsync())!.Status);
    }

    [Fact]
    public async Task Run_CancelRequestOfAnEarlierGeneration_MeansNothing()
    {
        await using var run = await BegunAsync(Ledger(), 2);
        await Store.WriteAsync(Names.CancelRequest(Collection, Job), "1"u8.ToArray(), Now);
        var begun = run.Record.Heartbeat;
        await UntilAsync(() => Task.FromResult(run.Record.Heartbeat > begun + TimeSpan.FromSeconds(20)));
        Assert.False(run.CancelRequested);
        await run.EndAsync(JobStatus.Succeeded, null);
    }

    [Fact]
    public async Task Run_CancelledAndSlowToStop_KeepsItsLeaseUntilItHasEnded()
    {
        await using var run = await BegunAsync(Ledger(), 1);
        await Store.WriteAsync(Names.CancelRequest(Collection, Job), "1"u8.ToArray(), Now);
        await UntilAsync(() => Task.FromResult(run.CancelRequested));
        var requested = Time.GetUtcNow();
        await UntilAsync(() => Task.FromResult(Time.GetUtcNow() > requested + 3 * Options.Lease)); // A micro-batch may be long.
        await run.EndAsync(JobStatus.Cancelled, "asked");
        Assert.Equal(JobStatus.Cancelled, (await RecordAsync())!.Status);
    }

    [Fact]
    public async Task Run_SignOfLifeWhoseReplyIsLost_GoesOn()
    {
        await using var run = await BegunAsync(Ledger(), 1);
        var stored = (await Store.ReadAsync(Names.Job(Collection, Job), Now))!;

        // What the storage did and never told: a version that the run does not know.
        var lease = run.LeaseForTests;
        Assert.NotNull(await Store.TryReplaceAsync(Names.Job(Collection, Job), (run.Record with { Heartbeat = Time.GetUtcNow() }).ToJson(), stored.Version, lease, Now));
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
}
