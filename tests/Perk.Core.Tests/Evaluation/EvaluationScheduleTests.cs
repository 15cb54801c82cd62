using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.MetaLearning;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Core.Tests.Documents;
using Perk.Tests;

namespace Perk.Core.Tests.Evaluation;

/// <summary>What ticks of a timer leave in the account. The queue is shared: a test looks for its own suite.</summary>
public sealed class EvaluationScheduleTests(AzuriteFixture azurite) : IDisposable
{
    private readonly string _suite = azurite.UniqueName("scheduled");
    private readonly TickingTime _time = new();
    private readonly SemaphoreSlim _gate = AcceleratorGate.Create();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private DateOnly Today => DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);

    public void Dispose() => _gate.Dispose();

    [Fact]
    public async Task Queue_NothingThere_SendsTheMessageOfTheDay()
    {
        var account = await AccountAsync();
        var queued = await Schedule(account).QueueAsync(_suite, Now);
        Assert.True(queued.Send);
        var sent = Assert.Single(await OwnAsync(account));
        Assert.Equal(queued.Record.Message, sent);
        var message = EvaluateMessage.Parse(sent);
        Assert.Equal((_suite, Pipeline.Checkpoint.Id, Today, $"evaluate-{_suite}", 1), (message.Suite, message.Checkpoint, message.Date, message.Job, message.Generation));
    }

    [Fact]
    public async Task Queue_OneIsQueuedSinceYesterday_SendsThatAgainAndNoOther()
    {
        var account = await AccountAsync();
        var first = await Schedule(account).QueueAsync(_suite, Now);
        _time.Skip(TimeSpan.FromDays(1));
        var second = await Schedule(account).QueueAsync(_suite, Now);
        Assert.Equal((true, 1, first.Record.Message), (second.Send, second.Record.Generation, second.Record.Message));
        Assert.Single((await OwnAsync(account)).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Queue_OneIsQueuedForAnotherCheckpoint_TakesItsPlace()
    {
        var account = await AccountAsync();
        await Schedule(account, new string('a', 64)).QueueAsync(_suite, Now);
        var second = await Schedule(account).QueueAsync(_suite, Now);
        Assert.Equal((true, 2), (second.Send, second.Record.Generation));
        var old = EvaluateMessage.Parse((await OwnAsync(account)).Single(m => m.Contains("\"generation\":1", StringComparison.Ordinal)));
        Assert.Equal(JobStartKind.Older, (await Ledger(account).BeginAsync(Of(old), () => Task.FromResult(false), Now)).Kind);
    }

    [Fact]
    public async Task Queue_OneIsRunning_SendsNothingEvenTheNextDay()
    {
        var account = await AccountAsync();
        var message = EvaluateMessage.Parse((await Schedule(account).QueueAsync(_suite, Now)).Record.Message);
        await using var run = (await Ledger(account).BeginAsync(Of(message), () => Task.FromResult(false), Now)).Run!;
        _time.Skip(TimeSpan.FromDays(1));
        Assert.False((await Schedule(account).QueueAsync(_suite, Now)).Send);
        Assert.Single(await OwnAsync(account));
        await run.EndAsync(JobStatus.Succeeded, null);
    }

    [Theory]
    [InlineData(JobStatus.Failed)]
    [InlineData(JobStatus.Cancelled)]
    public async Task Queue_TodaysEndedWithoutReport_WaitsForReplayOrTomorrow(JobStatus status)
    {
        var account = await AccountAsync();
        await Schedule(account).QueueAsync(_suite, Now);
        await Ledger(account).EndAsync(Names.DefaultCollection, Names.EvaluateJob(_suite), 1, status, "for a test", Now);
        Assert.False((await Schedule(account).QueueAsync(_suite, Now)).Send);
        _time.Skip(TimeSpan.FromDays(1));
        var next = await Schedule(account).QueueAsync(_suite, Now);
        Assert.Equal((true, 2, Today), (next.Send, next.Record.Generation, EvaluateMessage.Parse(next.Record.Message).Date));
    }

    [Fact]
    public async Task Queue_TodaysReportIsThere_SendsNothingUntilTomorrowOrUntilItIsRemoved()
    {
        var account = await AccountAsync();
        using var small = new SmallSuite();
        var message = EvaluateMessage.Parse((await Schedule(account).QueueAsync(SmallSuite.Name, Now)).Record.Message);
        var job = new EvaluationJob(
            account.Objects, ServedModel.Of(Pipeline.Checkpoint, Pipeline.Options), _gate, small.Files, _time, NullLogger.Instance);
        var outcome = await new JobHost(Ledger(account), NullLogger.Instance).RunAsync(
            Of(message), () => job.IsDoneAsync(message, Now), run => job.WorkAsync(message, run), EvaluationJob.IsFatal, Now);
        Assert.Equal(JobStatus.Succeeded, outcome.Record!.Status);

        Assert.False((await Schedule(account).QueueAsync(SmallSuite.Name, Now)).Send);
        await account.Objects.DeleteAsync(Names.Report(message.Report), Now);
        Assert.Equal(2, (await Schedule(account).QueueAsync(SmallSuite.Name, Now)).Record.Generation);
    }

    [Fact]
    public async Task Replay_OfAFailedEvaluation_IsTheNextGenerationForTheSameDay()
    {
        var account = await AccountAsync();
        var message = EvaluateMessage.Parse((await Schedule(account).QueueAsync(_suite, Now)).Record.Message);
        var ledger = Ledger(account);
        var failed = (await ledger.EndAsync(message.Collection, message.Job, 1, JobStatus.Failed, "It failed.", Now))!;
        _time.Skip(TimeSpan.FromDays(1));
        var again = await new JobControl(account, ledger).ReplayAsync(failed, Now);
        Assert.Equal((JobStatus.Queued, 2), (again!.Status, again.Generation));
        Assert.Equal((2, message.Date), EvaluateMessage.Parse(again.Message) is var m ? (m.Generation, m.Date) : default);
    }

    [Fact]
    public async Task Poisoned_WithoutTriesLeft_EndsTheEvaluation()
    {
        using var pipeline = new Pipeline();
        var message = new EvaluateMessage { Collection = Names.DefaultCollection, Suite = _suite, Checkpoint = Pipeline.Checkpoint.Id, Date = new DateOnly(2026, 11, 26), Job = Names.EvaluateJob(_suite) };
        var body = System.Text.Encoding.UTF8.GetBytes(message.ToJson());
        for (var n = 0; n < new JobOptions().MaxAttempts; n++)
        {
            var start = await pipeline.Ledger.BeginAsync(Of(message), () => Task.FromResult(false), Now);
            await using var run = start.Run!;
            await run.GiveBackAsync("It failed.", counts: true);
        }

        Assert.Null(await pipeline.Handlers.PoisonedAsync(Names.EvaluateQueue, "m", body, "It was poison.", TimeSpan.Zero, Now));
        Assert.Equal(JobStatus.DeadLettered, (await pipeline.RecordAsync(message.Job))!.Status);
        Assert.True(await pipeline.Store.ExistsAsync(Names.DeadLetter(Names.EvaluateQueue, body), Now));
        Assert.Null(await pipeline.Handlers.EvaluateAsync("m", "nonsense"u8.ToArray(), Now));
        Assert.True(await pipeline.Store.ExistsAsync(Names.DeadLetter(Names.EvaluateQueue, "nonsense"u8), Now));
    }

    private static JobMessage Of(EvaluateMessage message) => new(Names.EvaluateQueue, message.Collection, message.Job, message.Generation, message.ToJson());

    private async Task<StorageAccount> AccountAsync()
    {
        var account = await azurite.AccountAsync();
        await account.Queue(Names.EvaluateQueue).CreateIfNotExistsAsync(cancellationToken: Now);
        return account;
    }

    private JobLedger Ledger(StorageAccount account) => new(account.Objects, new JobOptions(), _time, "tests");

    private EvaluationSchedule Schedule(StorageAccount account, string? checkpoint = null) =>
        new(account, Ledger(account), new ServedModel(ModelIdentity.Of(Pipeline.Source) with { Checkpoint = checkpoint ?? Pipeline.Checkpoint.Id }, Pipeline.Options, _ => throw new InvalidOperationException("It is not needed.")), _time, NullLogger.Instance);

    private async Task<string[]> OwnAsync(StorageAccount account)
    {
        PeekedMessage[] all = (await account.Queue(Names.EvaluateQueue).PeekMessagesAsync(32, Now)).Value;
        return [.. all.Select(m => m.Body.ToString()).Where(m => EvaluateMessage.Parse(m).Suite == _suite)];
    }
}
