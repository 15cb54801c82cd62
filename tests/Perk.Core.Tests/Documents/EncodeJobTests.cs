using System.Text;
using Perk.Core.Documents;
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
        var result = await _pipeline.Encode.HandleAsync(message, null, Now);
        Assert.Equal((JobStatus.Succeeded, null, message.Job, 3), (result.Status, result.Reason, result.Job, result.Generation));
        Assert.Equal(result, await _pipeline.ResultAsync(message.Job));

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
        await _pipeline.Encode.HandleAsync(message, null, Now);
        var name = Names.AdapterManifest(Pipeline.Collection, message.Job["encode-".Length..]);
        var before = await _pipeline.BytesAsync(name);

        using var stuck = _pipeline.WithoutAccelerator(); // An encode would wait there for ever.
        var again = await stuck.Encode.HandleAsync(message with { Generation = 2 }, null, Now).WaitAsync(Patience, Now);
        Assert.Equal((JobStatus.Succeeded, 2), (again.Status, again.Generation));
        Assert.Equal(before, await _pipeline.BytesAsync(name));
        var outcome = await stuck.Encode.RunAsync(Pipeline.Collection, message.Document, null, Now).WaitAsync(Patience, Now);
        Assert.True(outcome.AlreadyThere);
    }

    [Fact]
    public async Task Handle_TwoDeliveriesAtOnce_BothSucceedWithOneAdapter()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync());
        await _pipeline.Gate.WaitAsync(Now);
        var both = new[] { _pipeline.Encode.HandleAsync(message, null, Now), _pipeline.Encode.HandleAsync(message, null, Now) };
        _pipeline.Gate.Release();
        Assert.All(await Task.WhenAll(both), result => Assert.Equal(JobStatus.Succeeded, result.Status));
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
            _pipeline.Encode.HandleAsync(_pipeline.ToEncode(document), Of(i), Now)).ToArray();
        await Task.Delay(100, Now);
        Assert.DoesNotContain(jobs, job => job.IsCompleted); // The gate is held here.
        Assert.Empty(reports);
        _pipeline.Gate.Release();
        Assert.All(await Task.WhenAll(jobs), result => Assert.Equal(JobStatus.Succeeded, result.Status));
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
        await FailsAsync(_pipeline.ToEncode(new string('0', 64)), "does not exist; submit it before its message");

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
        var success = await _pipeline.Encode.HandleAsync(message, null, Now);
        var stray = await _pipeline.Encode.HandleAsync(message with { Checkpoint = new string('9', 64) }, null, Now);
        Assert.Equal(JobStatus.Failed, stray.Status);
        Assert.Equal(success, await _pipeline.ResultAsync(message.Job));
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
        var job = new EncodeJob(_pipeline.Store, checkpoint, Pipeline.Options, _pipeline.Gate, _pipeline.Time);
        var document = await _pipeline.SubmitAsync();
        var message = _pipeline.ToEncode(document) with
        {
            Checkpoint = checkpoint.Id,
            Job = Names.EncodeJob(job.AdapterId(Pipeline.Collection, document)),
        };
        var result = await job.HandleAsync(message, null, Now);
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
            _pipeline.Encode.HandleAsync(message, progress, stop.Token));
        Assert.Null(await _pipeline.ResultAsync(message.Job));
        Assert.Empty(await _pipeline.Store.ListAsync(Names.Adapters, "", Now).ToListAsync(Now));

        var later = await _pipeline.Encode.HandleAsync(message, null, Now).WaitAsync(Patience, Now); // The gate is free again.
        Assert.Equal(JobStatus.Succeeded, later.Status);
    }

    [Fact]
    public async Task Handle_StorageFails_ThrowsForAnotherTry()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync());
        using var failing = new Pipeline(new WatchedStore(_pipeline.Store, name =>
        {
            if (name.Container == Names.Adapters) throw new IOException("The disk is full.");
        }));
        await Assert.ThrowsAsync<IOException>(() => failing.Encode.HandleAsync(message, null, Now));
        Assert.Null(await _pipeline.ResultAsync(message.Job));
    }

    [Fact]
    public void Create_OptionsThatTheModelCannotHold_FailsBeforeAnyDocument() => Assert.Throws<ArgumentException>(() =>
        new Pipeline(options: Pipeline.Options with { Segmenter = new SegmenterOptions { MaxTokens = 500 } }));

    private async Task FailsAsync(EncodeMessage message, params string[] reasons)
    {
        using var stuck = _pipeline.WithoutAccelerator();
        var result = await stuck.Encode.HandleAsync(message, null, Now).WaitAsync(Patience, Now);
        Assert.Equal(JobStatus.Failed, result.Status);
        foreach (var reason in reasons) Assert.Contains(reason, result.Reason);
        Assert.Equal(result, await _pipeline.ResultAsync(message.Job));
        Assert.Empty(await _pipeline.Store.ListAsync(Names.Adapters, "", Now).ToListAsync(Now));
    }
}
