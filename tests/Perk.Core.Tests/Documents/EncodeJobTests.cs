using System.Text;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Documents;

public sealed class EncodeJobTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly Pipeline _pipeline = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public async Task Handle_ADocument_WritesManifestAndResult()
    {
        var document = await _pipeline.SubmitAsync();
        var message = _pipeline.ToEncode(document) with { Generation = 3 };
        var outcome = await _pipeline.DeliverAsync(message);
        var record = outcome.Record!;
        Assert.Equal(JobOutcomeKind.Ended, outcome.Kind);
        Assert.Equal((JobStatus.Succeeded, null, message.Job, 3, 1), (record.Status, record.Reason, record.Job, record.Generation, record.Attempt));
        Assert.Equal((2, 2, "tests", message.ToJson()), (record.Progress!.Step, record.Progress.Steps, record.Worker, record.Message));
        Assert.Equal(record, await _pipeline.RecordAsync(message.Job));

        var id = message.Job["encode-".Length..];
        var manifest = await new AdapterArchive(_pipeline.Store).FindAsync(Pipeline.Collection, id, Now);
        Assert.Equal((id, document, "utf-8"), (manifest!.Adapter, manifest.Document, manifest.TextEncoding));
        Assert.Equal((Pipeline.Checkpoint.Id, "stories260K"), (manifest.Checkpoint, manifest.BaseModel));
        Assert.Equal((Pipeline.Options, Pipeline.Source.Meta.StepSize), (manifest.Options, manifest.Meta!.StepSize));
        Assert.True(manifest.Losses[1] < manifest.Losses[0]);
        Assert.InRange(manifest.EncodeSeconds, 0, 60);
        Assert.Matches(@"^0\.107", manifest.Versions["TorchSharp"]);
        Assert.Equal(
            manifest.Options.AdapterId(Pipeline.Collection, document, manifest.Checkpoint, manifest.Meta!.Lora), manifest.Adapter);
    }

    [Fact]
    public async Task Handle_ASecondTime_NothingIsEncodedOrWrittenAgain()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync());
        await _pipeline.DeliverAsync(message);
        var name = Names.AdapterManifest(Pipeline.Collection, message.Job["encode-".Length..]);
        var before = await _pipeline.BytesAsync(name);

        using var stuck = _pipeline.WithoutAccelerator(); // An encode would wait there for ever.
        Assert.Equal(JobOutcomeKind.Dropped, (await stuck.DeliverAsync(message).WaitAsync(Patience, Now)).Kind);
        var again = await stuck.DeliverAsync(message with { Generation = 2 }).WaitAsync(Patience, Now);
        Assert.Equal((JobOutcomeKind.Ended, JobStatus.Succeeded, 2), (again.Kind, again.Record!.Status, again.Record.Generation));
        Assert.Equal(JobOutcomeKind.Dropped, (await stuck.DeliverAsync(message).WaitAsync(Patience, Now)).Kind); // Of an older generation.
        Assert.Equal(before, await _pipeline.BytesAsync(name));
        var outcome = await stuck.Encode.RunAsync(Pipeline.Collection, message.Document, null, Now).WaitAsync(Patience, Now);
        Assert.True(outcome.AlreadyThere);
    }

    [Fact]
    public async Task Handle_TwoDeliveriesAtOnce_OneEncodesAndTheOtherComesAgain()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync());
        await _pipeline.Gate.WaitAsync(Now);
        var first = _pipeline.DeliverAsync(message);
        await RunningAsync(message);
        Assert.Equal(JobOutcomeKind.Wait, (await _pipeline.DeliverAsync(message).WaitAsync(Patience, Now)).Kind);
        _pipeline.Gate.Release();
        Assert.Equal((JobOutcomeKind.Ended, 1), ((await first).Kind, (await first).Record!.Attempt));
        Assert.Equal(JobOutcomeKind.Dropped, (await _pipeline.DeliverAsync(message)).Kind);
        var archive = new AdapterArchive(_pipeline.Store);
        var id = Assert.Single(await archive.StartingWithAsync(Pipeline.Collection, "", Now));
        using var loaded = await archive.LoadAsync(
            (await archive.FindAsync(Pipeline.Collection, id, Now))!, Pipeline.Checkpoint, Now);
    }

    [Fact]
    public async Task Handle_SeveralAtOnce_OneComputesAtATime()
    {
        var reports = new List<int>();
        string[] documents = [await _pipeline.SubmitAsync(), await _pipeline.SubmitAsync(Pipeline.OtherText)];
        await _pipeline.Gate.WaitAsync(Now);
        var jobs = documents.Select((document, i) =>
            _pipeline.DeliverAsync(_pipeline.ToEncode(document), Of(i))).ToArray();
        await Task.Delay(100, Now);
        Assert.DoesNotContain(jobs, job => job.IsCompleted); // The gate is held here.
        Assert.Empty(reports);
        _pipeline.Gate.Release();
        Assert.All(await Task.WhenAll(jobs), o => Assert.Equal(JobStatus.Succeeded, o.Record!.Status));
        Assert.Equal(1, _pipeline.Gate.CurrentCount);

        // All of one document, then all of the other.
        Assert.Equal(1, reports.Zip(reports.Skip(1)).Count(pair => pair.First != pair.Second));

        OnReport Of(int document) => new(_ =>
        {
            lock (reports) reports.Add(document);
        });
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" \r\n\t", "is empty")]
    [InlineData("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", "not text")]
    public async Task Handle_DocumentThatIsNoText_FailsWithTheReason(string latin1, string reason)
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync(Encoding.Latin1.GetBytes(latin1)));
        await FailsAsync(message, reason);
    }

    [Fact]
    public async Task Handle_DocumentThatIsMissing_FailsWithTheReason() =>
        await FailsAsync(_pipeline.ToEncode(new string('0', 64)), "does not exist; submit it (perk submit)");

    [Fact]
    public async Task Handle_DocumentOfAnotherCollection_FailsWithTheReason()
    {
        var document = await _pipeline.SubmitAsync(collection: "another");
        await FailsAsync(_pipeline.ToEncode(document), $"documents/default/{document}/content does not exist");
    }

    [Fact]
    public async Task Handle_AnotherCheckpoint_FailsWithBothIds()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync()) with { Checkpoint = new string('9', 64) };
        await FailsAsync(message, new string('9', 64), Pipeline.Checkpoint.Id);
    }

    [Fact]
    public async Task Handle_StrayMessageOfAFinishedJob_TheStoredSuccessStays()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync());
        var success = (await _pipeline.DeliverAsync(message)).Record;
        Assert.Equal(JobOutcomeKind.Dropped, (await _pipeline.DeliverAsync(message with { Checkpoint = new string('9', 64) })).Kind);
        Assert.Equal(success, await _pipeline.RecordAsync(message.Job));
    }

    [Fact]
    public async Task Handle_JobOfOtherOptions_FailsWithBothJobs()
    {
        var document = await _pipeline.SubmitAsync();
        using var other = new Pipeline(
            _pipeline.Store, options: Pipeline.Options with { Segmenter = new SegmenterOptions { MaxTokens = 40 } });
        await FailsAsync(other.ToEncode(document), other.ToEncode(document).Job, _pipeline.ToEncode(document).Job);
    }

    [Fact]
    public async Task Handle_StepSizeFarTooLarge_FailsWithTheReason()
    {
        using var checkpoint =
            (Pipeline.Source with { Meta = Pipeline.Source.Meta with { StepSize = 1e5 } }).Load(TorchSharp.torch.CPU);
        using var model = ServedModel.Of(checkpoint, Pipeline.Options);
        var job = new EncodeJob(_pipeline.Store, model, _pipeline.Gate, _pipeline.Time);
        var host = new JobHost(_pipeline.Ledger, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var document = await _pipeline.SubmitAsync();
        var message = _pipeline.ToEncode(document) with
        {
            Checkpoint = checkpoint.Id,
            Job = Names.EncodeJob(model.AdapterId(Pipeline.Collection, document)),
        };
        var outcome = await host.RunAsync(
            new JobMessage(Names.EncodeQueue, message.Collection, message.Job, 1, message.ToJson()), () => Task.FromResult(true),
            run => job.WorkAsync(message, null, run), EncodeJob.IsFatal, Now);
        var result = outcome.Record!;
        Assert.Equal(JobStatus.Failed, result.Status);
        Assert.Contains("use a smaller step size", result.Reason);
        Assert.Empty(await new AdapterArchive(_pipeline.Store).StartingWithAsync(Pipeline.Collection, "", Now));
        Assert.Equal(1, _pipeline.Gate.CurrentCount);
    }

    [Fact]
    public async Task Handle_Cancelled_ThrowsLeavesNothingAndALaterRunSucceeds()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync());
        using var stop = new CancellationTokenSource();
        var progress = new OnReport(p =>
        {
            if (p.Step == 2) stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _pipeline.DeliverAsync(message, progress, stop.Token));
        var record = (await _pipeline.RecordAsync(message.Job))!;
        Assert.Equal((JobStatus.Queued, 0, "Its host was stopped; another try follows by itself."), (record.Status, record.Attempt, record.Reason));
        Assert.Empty(await _pipeline.Store.ListAsync(Names.Adapters, "", Now).ToListAsync(Now));

        var later = await _pipeline.DeliverAsync(message).WaitAsync(Patience, Now); // The gate is free again.
        Assert.Equal((JobStatus.Succeeded, 1), (later.Record!.Status, later.Record.Attempt));
    }

    [Fact]
    public async Task Handle_PayloadLost_AnotherDeliveryMakesTheAdapterWholeAgain()
    {
        var manifest = await _pipeline.EncodedAsync();
        var weights = Names.AdapterWeights(manifest.Collection, manifest.Adapter);
        var before = await _pipeline.BytesAsync(weights);
        await _pipeline.Store.DeleteAsync(weights, Now);
        Assert.Null(await new AdapterArchive(_pipeline.Store).FindWholeAsync(manifest.Collection, manifest.Adapter, Now));
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.DeliverAsync(_pipeline.ToEncode(manifest.Document))).Record!.Status);
        Assert.Equal(before, await _pipeline.BytesAsync(weights));
        Assert.NotNull(await new AdapterArchive(_pipeline.Store).FindWholeAsync(manifest.Collection, manifest.Adapter, Now));
    }

    [Fact]
    public async Task Handle_StorageFails_ThrowsForAnotherTry()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync());
        using var failing = new Pipeline(new WatchedStore(_pipeline.Store, name =>
        {
            if (name.Container == Names.Adapters) throw new IOException("The disk is full.");
        }));
        for (var n = 1; n <= 2; n++)
        {
            await Assert.ThrowsAsync<IOException>(() => failing.DeliverAsync(message));
            var record = (await _pipeline.RecordAsync(message.Job))!;
            Assert.Equal((JobStatus.Queued, n, $"Try {n} failed. The disk is full."), (record.Status, record.Attempt, record.Reason));
        }
    }

    [Fact]
    public void Create_OptionsThatTheModelCannotHold_FailsBeforeAnyDocument() => Assert.Throws<ArgumentException>(() =>
        new Pipeline(options: Pipeline.Options with { Segmenter = new SegmenterOptions { MaxTokens = 500 } }));

    private async Task RunningAsync(EncodeMessage message)
    {
        while ((await _pipeline.RecordAsync(message.Job))?.Status != JobStatus.Running) await Task.Delay(20, Now);
    }

    private async Task FailsAsync(EncodeMessage message, params string[] reasons)
    {
        using var stuck = _pipeline.WithoutAccelerator();
        var result = (await stuck.DeliverAsync(message).WaitAsync(Patience, Now)).Record!;
        Assert.Equal(JobStatus.Failed, result.Status);
        foreach (var reason in reasons) Assert.Contains(reason, result.Reason);
        Assert.Equal(result, await _pipeline.RecordAsync(message.Job));
        Assert.Empty(await _pipeline.Store.ListAsync(Names.Adapters, "", Now).ToListAsync(Now));
    }
}
