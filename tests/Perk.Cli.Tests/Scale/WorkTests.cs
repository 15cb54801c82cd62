using Perk.Core.Jobs;
using Perk.Scale.Parameters;
using Perk.Scale.Queues;
using Perk.Scale.Replicas;

namespace Perk.Cli.Tests.Scale;

public sealed class WorkTests
{
    private readonly Surroundings _around = Surroundings.Create(new BurstOptions { Faults = FaultOptions.None }, 1);

    [Theory]
    [InlineData(0.5, 599.5)]
    [InlineData(299, 301)]
    [InlineData(301, 599)]
    [InlineData(1234, 566)]
    public void Abandon_AfterSomeTime_ReturnsTheMessageWhenItsRenewedLockEnds(double held, double until)
    {
        var (job, visible) = Handle(held, work => work.Abandon());
        Assert.Equal(until, visible - held, 9);
        Assert.InRange(visible - held, 300, 600);
        Assert.Equal((JobStatus.Running, 1), (job.Status, job.Attempts));
        Assert.InRange(job.LeasedUntil - held, 40, 60);
    }

    [Fact]
    public void Release_InMidst_ReturnsTheMessageSoonAndUsesNoTryUp()
    {
        var (job, visible) = Handle(100, work => work.Release());
        Assert.Equal(100 + 2 + 30, visible, 9);
        Assert.Equal((JobStatus.Queued, 0), (job.Status, job.Attempts));
    }

    [Fact]
    public void Poisoned_TriesLeft_QueuesAgainLaterEachTime()
    {
        var job = new Job(new Document(1));
        Assert.Equal(new double?[] { 60, 120, 240, 480 }, Enumerable.Range(0, 4).Select(_ => _around.Ledger.Poisoned(job)));
        for (var i = 4; i < 10; i++) Assert.InRange(_around.Ledger.Poisoned(job)!.Value, 960, 3600);
        Assert.Null(_around.Ledger.Poisoned(job));
        Assert.Equal(JobStatus.DeadLettered, job.Status);
    }

    [Fact]
    public void Begin_AnotherHasTheJob_IsBusyUntilItsLeaseEnds()
    {
        var job = new Job(new Document(1));
        Assert.Equal(JobStartKind.Begun, _around.Ledger.Begin(job));
        Assert.Equal(JobStartKind.Busy, _around.Ledger.Begin(job));
        _around.Ledger.Abandon(job);
        Assert.Equal(JobStartKind.Busy, _around.Ledger.Begin(job));
        _around.Loop.After(60, () => Assert.Equal(JobStartKind.Begun, _around.Ledger.Begin(job)));
        _around.Loop.Run(() => false, TestContext.Current.CancellationToken);
        Assert.Equal(2, job.Attempts);
    }

    /// <summary>Receives a long document's message, ends the work on it after some time, and sees when it can be received again.</summary>
    private (Job Job, double Visible) Handle(double held, Action<Work> end)
    {
        var job = new Job(new Document(10_000));
        _around.Queue.Send(new Message(job));
        var work = new Work(_around, _around.Queue.Receive()!, _ => { }, () => { }, () => { });
        work.Begin();
        var visible = double.NaN;
        _around.Queue.WhenVisible(() => !double.IsNaN(visible = _around.Loop.Now));
        _around.Loop.After(held, () => end(work));
        _around.Loop.Run(() => false, TestContext.Current.CancellationToken);
        return (job, visible);
    }
}
