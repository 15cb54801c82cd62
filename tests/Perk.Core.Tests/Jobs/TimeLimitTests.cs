using Microsoft.Extensions.Logging.Abstractions;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Jobs;

public sealed class TimeLimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_TryThatTakesLongerThanAllowed_FailsAndSaysWhatToDo()
    {
        var outcome = await RunAsync(new JobOptions { TimeLimit = TimeSpan.FromSeconds(2) }, computes: true, Now);
        Assert.Equal((JobOutcomeKind.Ended, JobStatus.Failed), (outcome.Kind, outcome.Record!.Status));
        Assert.Contains("longer than a try may here, 00:00:02", outcome.Record.Reason);
        Assert.Contains("Perk__Jobs__TimeLimit", outcome.Record.Reason);
    }

    [Fact]
    public async Task Run_TryThatOnlyWaited_IsGivenBackAndDoesNotCount()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => RunAsync(new JobOptions { TimeLimit = TimeSpan.FromSeconds(1) }, computes: false, Now)); // thrown, so that it ends some time
        var record = await JobRecord.FindAsync(new DirectoryStore(_folder.Path), "default", "ask-a", Now);
        Assert.Equal((JobStatus.Queued, 0), (record!.Status, record.Attempt));
        Assert.Contains("waited for other work", record.Reason);
    }

    [Fact]
    public async Task Run_TryThatStoredAPartOfItsWork_IsGivenBackAndDoesNotCount()
    {
        Assert.Equal(JobOutcomeKind.Wait, (await RunAsync(new JobOptions { TimeLimit = TimeSpan.FromSeconds(2) }, computes: true, Now, keeps: true)).Kind);
        var record = await JobRecord.FindAsync(new DirectoryStore(_folder.Path), "default", "ask-a", Now);
        Assert.Equal((JobStatus.Queued, 0), (record!.Status, record.Attempt));
        Assert.Contains("goes on where this one stopped", record.Reason);
    }

    [Fact]
    public async Task Run_EvaluationThatKeptNothing_IsAnotherTryAndCounts()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => RunAsync(new JobOptions { TimeLimit = TimeSpan.FromSeconds(2) }, computes: true, Now, queue: Names.EvaluateQueue, job: "evaluate-a"));
        var record = await JobRecord.FindAsync(new DirectoryStore(_folder.Path), "default", "evaluate-a", Now);
        Assert.Equal((JobStatus.Queued, 1), (record!.Status, record.Attempt));
    }

    [Fact]
    public async Task Run_HostThatStopsMeanwhile_GivesTheJobBack()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(new JobOptions { TimeLimit = TimeSpan.FromHours(1) }, computes: true, stop.Token));
        var record = await JobRecord.FindAsync(new DirectoryStore(_folder.Path), "default", "ask-a", Now);
        Assert.Equal((JobStatus.Queued, 0), (record!.Status, record.Attempt));
    }

    private Task<JobOutcome> RunAsync(JobOptions options, bool computes, CancellationToken cancel, bool keeps = false, string queue = Names.QuestionsQueue, string job = "ask-a")
    {
        var ledger = new JobLedger(new DirectoryStore(_folder.Path), options, TimeProvider.System, "tests");
        return new JobHost(ledger, NullLogger.Instance).RunAsync(
            new JobMessage(queue, "default", job, 1, "{}"), () => Task.FromResult(true),
            async run =>
            {
                if (computes) run.Report(new JobProgress(1, 2, 10, 20, null));
                if (keeps) run.Kept();
                await Task.Delay(Timeout.InfiniteTimeSpan, run.Stopping);
                return JobEnd.Success;
            },
            _ => false, cancel);
    }
}
