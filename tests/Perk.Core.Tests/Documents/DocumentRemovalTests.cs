using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Documents;

public sealed class DocumentRemovalTests : IDisposable
{
    private static readonly Question Who = new("who", "Who gave the ball back?");
    private readonly Pipeline _pipeline = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private DocumentRemoval Removal => new(_pipeline.Store, _pipeline.Time);

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public async Task Remove_LastReference_TakesAdaptersAnswersAndContentWithIt()
    {
        var (document, other) = (await EncodedAsync(), await EncodedAsync(Pipeline.OtherText));
        await _pipeline.DeliverAsync(Pipeline.ToAsk(document, Who));
        await _pipeline.DeliverAsync(Pipeline.ToAsk(other, Who with { Id = "other" }));
        var before = await EverythingAsync();
        var dry = await RemoveAsync(document, dryRun: true);
        Assert.Equal((1, 1, 1), (dry.Removed.Count, dry.Adapters.Count, dry.Answers.Count));
        Assert.Equal(before, await EverythingAsync());

        var report = await RemoveAsync(document);
        Assert.Equal((dry.Adapters, dry.Answers), (report.Adapters, report.Answers), (a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2.SequenceEqual(b.Item2));
        var left = await EverythingAsync();
        Assert.Equal([$"documents/default/{document}/deleted.json"], left.Where(name => name.Contains(document, StringComparison.Ordinal)));
        Assert.DoesNotContain(left, name => name.Contains(report.Adapters[0], StringComparison.Ordinal) || name.EndsWith("/who.json", StringComparison.Ordinal));
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.AnswerAsync("other")).Status);
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.DeliverAsync(Pipeline.ToAsk(other, Who with { Id = "more" }))).Record!.Status);
    }

    [Fact]
    public async Task Remove_OneOfTwoNames_LeavesTheDocument()
    {
        var document = await EncodedAsync();
        await new DocumentShelf(_pipeline.Store).AddAsync(Pipeline.Collection, System.Text.Encoding.UTF8.GetBytes(Pipeline.Text), "copy.txt", _pipeline.Time.GetUtcNow(), Now);
        var report = await RemoveAsync(document, "story.txt");
        Assert.Equal((["story.txt"], ["copy.txt"]), (report.Removed.Select(r => r.Name).ToArray(), report.Left.Select(r => r.Name).ToArray()), (a, b) => a.Item1.SequenceEqual(b.Item1) && a.Item2.SequenceEqual(b.Item2));
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.DeliverAsync(Pipeline.ToAsk(document, Who))).Record!.Status);
        var unknown = await Assert.ThrowsAsync<DocumentException>(() => RemoveAsync(document, "story.txt"));
        Assert.Contains("not submitted as 'story.txt' but as 'copy.txt'", unknown.Message);
        Assert.Empty((await RemoveAsync(document, "copy.txt")).Left);
        Assert.False(await new DocumentShelf(_pipeline.Store).HasAsync(Pipeline.Collection, document, Now));
    }

    [Fact]
    public async Task Remove_ThenALateMessage_BringsNothingBack()
    {
        var document = await _pipeline.SubmitAsync();
        await RemoveAsync(document);
        var encoded = (await _pipeline.DeliverAsync(_pipeline.ToEncode(document))).Record!;
        Assert.Equal(JobStatus.Failed, encoded.Status);
        Assert.Contains($"The document {document} was deleted at 2025-03-01", encoded.Reason);
        await _pipeline.DeliverAsync(Pipeline.ToAsk(document, Who));
        Assert.Equal(JobStatus.Failed, (await _pipeline.AnswerAsync("who")).Status);
        Assert.Empty(await _pipeline.Store.ListAsync(Names.Adapters, "", Now).ToListAsync(Now));

        // Submitted again it is there again.
        await _pipeline.SubmitAsync();
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.DeliverAsync(_pipeline.ToEncode(document) with { Generation = 2 })).Record!.Status);
    }

    [Fact]
    public async Task Remove_WhileItIsBeingEncoded_TheAdapterIsTakenBack()
    {
        var document = await _pipeline.SubmitAsync();
        await _pipeline.Gate.WaitAsync(Now);
        var encoding = _pipeline.DeliverAsync(_pipeline.ToEncode(document));
        while ((await _pipeline.RecordAsync(_pipeline.ToEncode(document).Job))?.Status != JobStatus.Running) await Task.Delay(20, Now);
        await Task.Delay(200, Now); // It has read the text and waits for the accelerator.
        await RemoveAsync(document);
        _pipeline.Gate.Release();
        Assert.Equal(JobStatus.Failed, (await encoding).Record!.Status);
        Assert.Empty(await _pipeline.Store.ListAsync(Names.Adapters, "", Now).ToListAsync(Now));
    }

    [Fact]
    public async Task Remove_WhileItIsBeingAsked_TheAnswerIsTakenBack()
    {
        var document = await EncodedAsync();
        await _pipeline.Gate.WaitAsync(Now);
        var message = Pipeline.ToAsk(document, Who);
        var asking = _pipeline.DeliverAsync(message);
        while ((await _pipeline.RecordAsync(message.Job))?.Status != JobStatus.Running) await Task.Delay(20, Now);
        await Task.Delay(200, Now);
        await RemoveAsync(document);
        _pipeline.Gate.Release();
        Assert.Equal(JobStatus.Failed, (await asking).Record!.Status);
        var answer = await _pipeline.AnswerAsync("who"); // Nobody waits for it, and it holds nothing of the document.
        Assert.Equal((JobStatus.Failed, null, null), (answer.Status, answer.Answer, answer.Text));
        Assert.Contains("was deleted", answer.Reason);
    }

    [Fact]
    public async Task Remove_ThenACrashBeforeTheAnswerIsTakenBack_TheNextDeliveryTakesIt()
    {
        var document = await EncodedAsync();
        var message = Pipeline.ToAsk(document, Who);
        await _pipeline.DeliverAsync(message);
        var answer = await _pipeline.BytesAsync(Names.Answer(Pipeline.Collection, "who"));
        await RemoveAsync(document);
        await _pipeline.Store.WriteAsync(Names.Answer(Pipeline.Collection, "who"), answer, Now); // as the killed host wrote it, a moment after the removal
        await _pipeline.Store.DeleteAsync(Names.Job(Pipeline.Collection, message.Job), Now); // and never ended its job
        Assert.Equal(JobStatus.Failed, (await _pipeline.DeliverAsync(message)).Record!.Status);
        Assert.Equal(JobStatus.Failed, (await _pipeline.AnswerAsync("who")).Status);
    }

    [Fact]
    public async Task Remove_CutOffBeforeTheTombstone_GoesOnWhenItIsCalledAgain()
    {
        var document = await EncodedAsync();
        foreach (var reference in await new DocumentShelf(_pipeline.Store).ReferencesAsync(Pipeline.Collection, document, Now))
            await _pipeline.Store.DeleteAsync(Names.DocumentReference(Pipeline.Collection, document, reference.Name ?? ""), Now);
        var report = await new DocumentRemoval(_pipeline.Store, _pipeline.Time).RemoveAsync(Pipeline.Collection, document, "story.txt", dryRun: false, Now);
        Assert.Single(report.Adapters);
        Assert.False(await new DocumentShelf(_pipeline.Store).HasAsync(Pipeline.Collection, document, Now));
    }

    [Fact]
    public async Task Remove_InAnotherCollection_DoesNotTouchThisOne()
    {
        var document = await EncodedAsync();
        await Assert.ThrowsAsync<DocumentException>(() => Removal.RemoveAsync("another", document, null, false, Now));
        await _pipeline.SubmitAsync(Pipeline.Text, "another");
        await Removal.RemoveAsync("another", document, null, false, Now);
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.DeliverAsync(Pipeline.ToAsk(document, Who))).Record!.Status);
    }

    private async Task<string> EncodedAsync(string text = Pipeline.Text)
    {
        var document = await _pipeline.SubmitAsync(text);
        await _pipeline.DeliverAsync(_pipeline.ToEncode(document));
        return document;
    }

    private Task<RemovalReport> RemoveAsync(string document, string? name = null, bool dryRun = false) =>
        Removal.RemoveAsync(Pipeline.Collection, document, name, dryRun, Now);

    private async Task<List<string>> EverythingAsync()
    {
        var names = new List<string>();
        foreach (var container in Names.Containers)
            await foreach (var path in _pipeline.Store.ListAsync(container, "", Now)) names.Add($"{container}/{path}");
        return names;
    }
}
