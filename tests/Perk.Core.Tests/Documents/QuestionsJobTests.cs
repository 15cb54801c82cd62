using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Documents;

public sealed class QuestionsJobTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly Question Who = new("who", "Who gave the ball back?");
    private static readonly Question Where = new("where", "Where did it roll?");
    private readonly Pipeline _pipeline = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _pipeline.Dispose();

    [Fact]
    public async Task Handle_EncodedDocument_AnswersAsItsAdapterDoes()
    {
        var manifest = await _pipeline.EncodedAsync();
        Assert.True(await HandleAsync(Pipeline.ToAsk(manifest.Document, Who)));
        var answer = await _pipeline.AnswerAsync("who");
        Assert.Equal((JobStatus.Succeeded, null, "who", Who.Text), (answer.Status, answer.Reason, answer.Id, answer.Question));
        Assert.Equal((manifest.Adapter, Pipeline.Checkpoint.Id), (answer.Adapter, answer.Checkpoint));

        using var encoded = new DocumentEncoder(Pipeline.Checkpoint, Pipeline.Options).Encode(Pipeline.Text, cancel: Now);
        var answerer = new QuestionAnswerer(Pipeline.Checkpoint);
        var expected = Assert.Single(answerer.Answer(encoded.Adapter, encoded.Segments.Count, [Who.Text], cancel: Now));
        Assert.Equal((expected.Text, expected.Parsed.Answer, expected.Tokens), (answer.Text, answer.Answer, answer.Tokens));
        Assert.NotEqual(
            expected.Text, Assert.Single(answerer.Answer(null, encoded.Segments.Count, [Who.Text], cancel: Now)).Text);
    }

    [Fact]
    public async Task Handle_ByAdapterId_AnswersTheSame()
    {
        var manifest = await _pipeline.EncodedAsync();
        Assert.True(await HandleAsync(Pipeline.ToAsk(manifest.Document, Who)));
        Assert.True(await HandleAsync(ByAdapter(manifest.Adapter, Who with { Id = "again" })));
        Assert.Equal((await _pipeline.AnswerAsync("who")).Text, (await _pipeline.AnswerAsync("again")).Text);
    }

    [Fact]
    public async Task Handle_BeforeTheDocumentIsEncoded_LaterThenAnswered()
    {
        var document = await _pipeline.SubmitAsync();
        var message = Pipeline.ToAsk(document, Who);
        Assert.False(await HandleAsync(message));
        Assert.Empty(await _pipeline.Store.ListAsync(Names.Answers, "", Now).ToListAsync(Now));
        await _pipeline.DeliverAsync(_pipeline.ToEncode(document));
        Assert.True(await HandleAsync(message));
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.AnswerAsync("who")).Status);
    }

    [Fact]
    public async Task Handle_DocumentNeverSubmitted_Fails()
    {
        var document = new string('0', 64);
        Assert.True(await HandleAsync(Pipeline.ToAsk(document, Who, Where)));
        await FailedAsync("who", $"There is no document {document} in collection default");
        await FailedAsync("where", "submit it first");
    }

    [Fact]
    public async Task Handle_DocumentThatFailed_FailsWithItsReason()
    {
        var document = await _pipeline.SubmitAsync(" ");
        var reason = (await _pipeline.DeliverAsync(_pipeline.ToEncode(document))).Record!.Reason;
        Assert.True(await HandleAsync(Pipeline.ToAsk(document, Who)));
        await FailedAsync("who", $"The document could not be encoded: {reason}");
    }

    [Fact]
    public async Task Handle_DocumentThatWasGivenUp_FailsWithItsReason()
    {
        var document = await _pipeline.SubmitAsync();
        var message = _pipeline.ToEncode(document);
        var body = System.Text.Encoding.UTF8.GetBytes(message.ToJson());
        await _pipeline.Ledger.QueueAsync(Names.EncodeQueue, message.Collection, message.Job, _ => message.ToJson(), () => Task.FromResult(false), Now);
        await _pipeline.UseUpTriesAsync(message.Collection, message.Job, "five tries");
        await _pipeline.Handlers.PoisonedAsync(Names.EncodeQueue, "m1", body, "poison", TimeSpan.Zero, Now);
        Assert.True(await HandleAsync(Pipeline.ToAsk(document, Who)));
        await FailedAsync("who", "five tries");
    }

    [Fact]
    public async Task Handle_DocumentOfWhichThereIsNoJob_WaitsForADayAndThenSaysSo()
    {
        var message = Pipeline.ToAsk(await _pipeline.SubmitAsync(), Who);
        Assert.False(await HandleAsync(message)); // Its message may be on the way.
        _pipeline.Time.Skip(TimeSpan.FromHours(25));
        Assert.True(await HandleAsync(message));
        await FailedAsync("who", "submit it with those");
    }

    [Fact]
    public async Task Handle_AdapterGoneThoughItsJobSucceeded_SaysSoInsteadOfWaiting()
    {
        var document = await _pipeline.SubmitAsync();
        await _pipeline.DeliverAsync(_pipeline.ToEncode(document));
        await _pipeline.Store.DeleteAsync(Names.AdapterManifest(Pipeline.Collection, _pipeline.Model.AdapterId(Pipeline.Collection, document)), Now);
        Assert.True(await HandleAsync(Pipeline.ToAsk(document, Who)));
        await FailedAsync("who", "submit the document again");
    }

    [Fact]
    public async Task Handle_OtherQuestionsUnderAFailedJob_FailToo()
    {
        var document = Ids.Sha256(Pipeline.Text); // never submitted
        await HandleAsync(Pipeline.ToAsk(document, Who));
        Assert.Equal(JobOutcomeKind.Dropped, (await _pipeline.DeliverAsync(Pipeline.ToAsk(document, Who, Where))).Kind);
        await FailedAsync("where", "There is no document");
    }

    [Fact]
    public async Task Handle_OlderMessageWithOtherQuestions_TheyFailAndSayWhy()
    {
        var document = (await _pipeline.EncodedAsync()).Document;
        await HandleAsync(Pipeline.ToAsk(document, Who) with { Generation = 2 });
        await _pipeline.DeliverAsync(Pipeline.ToAsk(document, Who, Where));
        await FailedAsync("where", "ask it under a job of its own");
    }

    [Fact]
    public async Task Handle_SameIdAndTextToAnotherDocument_IsRefused()
    {
        await HandleAsync(Pipeline.ToAsk((await _pipeline.EncodedAsync()).Document, Who));
        var other = Pipeline.ToAsk((await _pipeline.EncodedAsync(Pipeline.OtherText)).Document, Who) with { Job = Names.AskJob("other") };
        Assert.Null(await _pipeline.Handlers.QuestionsAsync("m", System.Text.Encoding.UTF8.GetBytes(other.ToJson()), Now));
        Assert.Equal(Ids.Sha256(Pipeline.Text), (await _pipeline.AnswerAsync("who")).Document);
    }

    [Fact]
    public async Task Handle_GivenUpAndKilledBeforeItsQuestionsWereEnded_TheNextDeliveryEndsThem()
    {
        var message = Pipeline.ToAsk((await _pipeline.EncodedAsync()).Document, Who);
        await _pipeline.Ledger.QueueAsync(Names.QuestionsQueue, message.Collection, message.Job, _ => message.ToJson(), () => Task.FromResult(false), Now);
        await _pipeline.UseUpTriesAsync(message.Collection, message.Job, null);
        await _pipeline.Ledger.EndAsync(message.Collection, message.Job, 1, JobStatus.DeadLettered, "given up", Now); // and the host was killed here
        Assert.Equal(JobOutcomeKind.Dropped, (await _pipeline.DeliverAsync(message)).Kind);
        Assert.Equal((JobStatus.DeadLettered, "given up"), ((await _pipeline.AnswerAsync("who")).Status, (await _pipeline.AnswerAsync("who")).Reason));
        Assert.Single(await _pipeline.Store.ListAsync(Names.DeadLetters, "", Now).ToListAsync(Now));
    }

    [Fact]
    public async Task Handle_AFailedAnswer_GivesWayToALaterSuccess()
    {
        var message = Pipeline.ToAsk(Ids.Sha256(Pipeline.Text), Who);
        Assert.True(await HandleAsync(message));
        await FailedAsync("who", "There is no document");
        await _pipeline.EncodedAsync();
        Assert.Equal(JobOutcomeKind.Dropped, (await _pipeline.DeliverAsync(message)).Kind); // The same delivery once more.
        Assert.True(await HandleAsync(message with { Generation = 2 }));
        var answer = await _pipeline.AnswerAsync("who");
        Assert.Equal((JobStatus.Succeeded, null), (answer.Status, answer.Reason));
    }

    [Fact]
    public async Task Handle_ASecondTime_TheFirstAnswerStaysAndNothingIsComputed()
    {
        var manifest = await _pipeline.EncodedAsync();
        await HandleAsync(Pipeline.ToAsk(manifest.Document, Who));
        var first = await AnswerBytesAsync("who");
        using var stuck = _pipeline.WithoutAccelerator();
        Assert.Equal(JobOutcomeKind.Dropped, (await stuck.DeliverAsync(Pipeline.ToAsk(manifest.Document, Who)).WaitAsync(Patience, Now)).Kind);
        Assert.Equal(first, await AnswerBytesAsync("who"));

        // Nor does a later failure replace it.
        Assert.Null(await _pipeline.Handlers.QuestionsAsync("m", System.Text.Encoding.UTF8.GetBytes((Pipeline.ToAsk(new string('0', 64), Who) with { Generation = 2 }).ToJson()), Now));
        var message = Pipeline.ToAsk(manifest.Document, Who);
        await _pipeline.Handlers.PoisonedAsync(Names.QuestionsQueue, "m", System.Text.Encoding.UTF8.GetBytes(message.ToJson()), "given up", TimeSpan.Zero, Now);
        Assert.Equal(first, await AnswerBytesAsync("who"));
    }

    [Fact]
    public async Task Handle_TwoDeliveriesAtOnce_OneAnswersAndTheOtherComesAgain()
    {
        var message = Pipeline.ToAsk((await _pipeline.EncodedAsync()).Document, Who);
        await _pipeline.Gate.WaitAsync(Now);
        var first = _pipeline.DeliverAsync(message);
        while ((await _pipeline.RecordAsync(message.Job))?.Status != JobStatus.Running) await Task.Delay(20, Now);
        Assert.Equal(JobOutcomeKind.Wait, (await _pipeline.DeliverAsync(message)).Kind);
        _pipeline.Gate.Release();
        Assert.Equal(JobOutcomeKind.Ended, (await first).Kind);
        var answer = await AnswerBytesAsync("who");
        Assert.Equal(JobOutcomeKind.Dropped, (await _pipeline.DeliverAsync(message)).Kind);
        Assert.Equal(answer, await AnswerBytesAsync("who"));
    }

    [Fact]
    public async Task Handle_OtherQuestionsUnderAFinishedJob_AreAnsweredAllTheSame()
    {
        var document = (await _pipeline.EncodedAsync()).Document;
        await HandleAsync(Pipeline.ToAsk(document, Who));
        var outcome = await _pipeline.DeliverAsync(Pipeline.ToAsk(document, Who, Where)); // The same job id and generation.
        Assert.Equal((JobOutcomeKind.Ended, 1), (outcome.Kind, outcome.Record!.Generation)); // In a later one the message, come again, would be too old.
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.AnswerAsync("where")).Status);
    }

    [Fact]
    public async Task Handle_ANewQuestionBesideAnAnsweredOne_OnlyTheNewIsAnswered()
    {
        var manifest = await _pipeline.EncodedAsync();
        await HandleAsync(Pipeline.ToAsk(manifest.Document, Who));
        var first = await AnswerBytesAsync("who");
        await HandleAsync(Pipeline.ToAsk(manifest.Document, Where, Who));
        Assert.Equal(first, await AnswerBytesAsync("who"));
        Assert.Equal(Where.Text, (await _pipeline.AnswerAsync("where")).Question);
    }

    [Fact]
    public async Task Handle_SeveralQuestions_EqualEachAlone()
    {
        // Of different lengths, and more than one batch of 32 holds.
        string Text(int i) => $"What did Lily do with {string.Join(' ', Enumerable.Repeat("the ball", i % 7))}?";
        Question[] questions = [.. Enumerable.Range(0, 34).Select(i => new Question($"q{i}", Text(i)))];
        var manifest = await _pipeline.EncodedAsync();
        await HandleAsync(Pipeline.ToAsk(manifest.Document, questions));
        foreach (var i in new[] { 0, 1, 6, 31, 32, 33 })
        {
            await HandleAsync(Pipeline.ToAsk(manifest.Document, questions[i] with { Id = $"alone{i}" }));
            Assert.Equal((await _pipeline.AnswerAsync($"alone{i}")).Text, (await _pipeline.AnswerAsync($"q{i}")).Text);
        }

        Assert.NotEqual((await _pipeline.AnswerAsync("q1")).Text, (await _pipeline.AnswerAsync("q6")).Text);
    }

    [Fact]
    public async Task Handle_OneQuestionTooLong_OnlyThatOneFails()
    {
        var manifest = await _pipeline.EncodedAsync();
        var tooLong = new Question("long", string.Concat(Enumerable.Repeat("Why? ", 400)));
        Assert.True(await HandleAsync(Pipeline.ToAsk(manifest.Document, tooLong, Who)));
        await FailedAsync("long", "reads 512 together. Shorten the question");
        var answer = await _pipeline.AnswerAsync("who");
        Assert.Equal((JobStatus.Succeeded, Who.Text), (answer.Status, answer.Question));
    }

    [Fact]
    public async Task Handle_QuestionThatJustFits_IsAnswered()
    {
        var manifest = await _pipeline.EncodedAsync();
        var answerer = new QuestionAnswerer(Pipeline.Checkpoint);
        string Of(int n) => string.Concat(Enumerable.Repeat("漢", n)); // Three bytes, three tokens each.
        var n = Enumerable.Range(1, 200).Last(n => answerer.Refusal(manifest.Segments, Of(n)) is null);
        await HandleAsync(Pipeline.ToAsk(manifest.Document, new Question("fits", Of(n)), new Question("not", Of(n + 1))));
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.AnswerAsync("fits")).Status);
        Assert.Equal(JobStatus.Failed, (await _pipeline.AnswerAsync("not")).Status);
        var prompt = PromptFormat.Question(Pipeline.Checkpoint.Tokenizer, manifest.Segments, Of(n)).Length;
        Assert.InRange(prompt, 512 - 64 - 2, 512 - 64);
    }

    [Fact]
    public async Task Handle_AnotherCheckpoint_FailsWithBothIds()
    {
        var manifest = await _pipeline.EncodedAsync();
        Assert.True(await HandleAsync(Pipeline.ToAsk(manifest.Document, Who) with { Checkpoint = new string('9', 64) }));
        await FailedAsync("who", new string('9', 64));
        await FailedAsync("who", Pipeline.Checkpoint.Id);
    }

    [Fact]
    public async Task Handle_AdapterDamaged_FailsAndNamesTheBlob()
    {
        var manifest = await _pipeline.EncodedAsync();
        var name = Names.AdapterWeights(Pipeline.Collection, manifest.Adapter);
        await _pipeline.Store.WriteAsync(name, new byte[100], Now);
        Assert.True(await HandleAsync(Pipeline.ToAsk(manifest.Document, Who)));
        await FailedAsync("who", name.ToString());
    }

    [Fact]
    public async Task Handle_AnswerDamaged_IsAnsweredAgain()
    {
        var manifest = await _pipeline.EncodedAsync();
        await _pipeline.Store.WriteAsync(Names.Answer(Pipeline.Collection, "who"), "{ half"u8.ToArray(), Now);
        Assert.True(await HandleAsync(Pipeline.ToAsk(manifest.Document, Who)));
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.AnswerAsync("who")).Status);
    }

    [Fact]
    public async Task Handle_Cancelled_ThrowsAndLeavesNoAnswer()
    {
        var manifest = await _pipeline.EncodedAsync();
        using var stop = new CancellationTokenSource();
        await _pipeline.Gate.WaitAsync(Now);
        var handling = _pipeline.DeliverAsync(Pipeline.ToAsk(manifest.Document, Who), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handling);
        Assert.Empty(await _pipeline.Store.ListAsync(Names.Answers, "", Now).ToListAsync(Now));
    }

    [Fact]
    public async Task Handle_FromAnotherCollection_NeitherDocumentNorAdapterIsReached()
    {
        var manifest = await _pipeline.EncodedAsync();
        Assert.True(await HandleAsync(Pipeline.ToAsk(manifest.Document, Who) with { Collection = "another" }));
        Assert.True(await HandleAsync(ByAdapter(manifest.Adapter, Where) with { Collection = "another" }));
        await FailedAsync("who", $"There is no document {manifest.Document} in collection another", "another");
        await FailedAsync("where", $"There is no adapter {manifest.Adapter} in collection another", "another");
        Assert.Equal(2, await _pipeline.Store.ListAsync(Names.Answers, "", Now).CountAsync(Now));
        Assert.NotEqual(_pipeline.Model.AdapterId("another", manifest.Document), manifest.Adapter);

        // Nor by a manifest that is copied over.
        var copy = Names.AdapterManifest("another", manifest.Adapter);
        await _pipeline.Store.WriteAsync(copy, manifest.ToJson(), Now);
        Assert.True(await HandleAsync(ByAdapter(manifest.Adapter, Where) with { Collection = "another", Generation = 2 }));
        await FailedAsync("where", "is the manifest of adapter", "another");
    }

    [Fact]
    public async Task Handle_SeveralDocuments_EachAnswersAndTheSurestStandsFirst()
    {
        string[] documents = [(await _pipeline.EncodedAsync()).Document, (await _pipeline.EncodedAsync(Pipeline.OtherText)).Document];
        foreach (var (i, document) in documents.Index())
            await HandleAsync(Pipeline.ToAsk(document, Who with { Id = $"alone{i}" }));
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.DeliverAsync(Pipeline.ToAsk(null, Who, Where) with { Documents = documents })).Record!.Status);
        var answer = await _pipeline.AnswerAsync("who");
        StoredAnswer[] alone = [.. new[] { await _pipeline.AnswerAsync("alone0"), await _pipeline.AnswerAsync("alone1") }.OrderByDescending(a => a.Score)];
        Assert.Equal(alone.Select(a => (a.Document, a.Text, a.Adapter)), answer.Documents.Select(a => (a.Document, a.Text, (string?)a.Adapter)));
        Assert.Equal((alone[0].Text, alone[0].Document), (answer.Text, answer.Document));
        Assert.True(answer.Score < 0 && answer.Score >= answer.Documents[1].Score);
        Assert.Equal(2, (await _pipeline.AnswerAsync("where")).Documents.Count);
    }

    [Fact]
    public async Task Handle_SeveralDocumentsOneOfThemUnreadable_TheOtherAnswers()
    {
        var good = (await _pipeline.EncodedAsync()).Document;
        var empty = await _pipeline.SubmitAsync(" ");
        await _pipeline.DeliverAsync(_pipeline.ToEncode(empty));
        await _pipeline.DeliverAsync(Pipeline.ToAsk(null, Who) with { Documents = [empty, good] });
        var answer = await _pipeline.AnswerAsync("who");
        Assert.Equal((JobStatus.Succeeded, good), (answer.Status, answer.Document));
        Assert.Contains("could not be encoded", answer.Documents[1].Reason);
        await _pipeline.DeliverAsync(Pipeline.ToAsk(null, Where) with { Documents = [empty, new string('0', 64)] });
        await FailedAsync("where", "could not be encoded");
    }

    [Fact]
    public async Task Handle_DeadlinePassed_FailsInsteadOfWaiting()
    {
        var document = await _pipeline.SubmitAsync();
        var message = Pipeline.ToAsk(document, Who) with { Deadline = _pipeline.Time.GetUtcNow() + TimeSpan.FromHours(1) };
        Assert.False(await HandleAsync(message));
        _pipeline.Time.Skip(TimeSpan.FromHours(2));
        Assert.True(await HandleAsync(message));
        await FailedAsync("who", "The deadline, 2025-03-01 13:00:");
    }

    [Fact]
    public void Support_LinesOfTheDocumentAndOthers_SayWhereTheyStand()
    {
        const string Text = "Lily had a ball. Tim gave it back.\nThe end.";
        SegmentPosition[] segments = [new(0, 0, 17, 5), new(1, 17, 18, 5), new(2, 35, 8, 3)];
        Assert.Equal(new SupportLine(" Tim gave it back. ", 17, 1), SupportLine.Find(" Tim gave it back. ", Text, segments));
        Assert.Equal(new SupportLine("had a", 5, 0), SupportLine.Find("had a", Text, segments));
        Assert.Equal(new SupportLine("Tim kept it.", null, null), SupportLine.Find("Tim kept it.", Text, segments));
        Assert.Equal(new SupportLine(" ", null, null), SupportLine.Find(" ", Text, segments));
    }

    private static QuestionsMessage ByAdapter(string adapter, params Question[] questions) =>
        Pipeline.ToAsk(null, questions) with { Adapter = adapter };

    [Fact]
    public async Task HandleAsync_IdOfAnotherAnsweredQuestion_IsRefusedAndTheAnswerStays()
    {
        var manifest = await _pipeline.EncodedAsync();
        await HandleAsync(Pipeline.ToAsk(manifest.Document, Who));
        var body = System.Text.Encoding.UTF8.GetBytes(Pipeline.ToAsk(manifest.Document, Who with { Text = "What else?" }).ToJson());
        Assert.Null(await _pipeline.Handlers.QuestionsAsync("m-9", body, Now));
        Assert.Contains($"the id {Who.Id} is taken", System.Text.Encoding.UTF8.GetString(await _pipeline.BytesAsync(Names.DeadLetter(Names.QuestionsQueue, body))));
        Assert.Equal(Who.Text, (await StoredAnswer.FindAsync(_pipeline.Store, Names.DefaultCollection, Who.Id, Now))!.Question);
    }

    [Fact]
    public async Task HandleAsync_DocumentRefusedUnderOtherOptions_FailsWithThatReasonInsteadOfWaiting()
    {
        var document = (await _pipeline.EncodedAsync()).Document;
        var other = new string('7', 32);
        var refused = await _pipeline.DeliverAsync(_pipeline.ToEncode(document) with { Job = Names.EncodeJob(other) });
        var outcome = await _pipeline.DeliverAsync(Pipeline.ToAsk(document, Who) with { Adapter = other });
        Assert.Equal(JobStatus.Failed, outcome.Record!.Status);
        Assert.Contains(refused.Record!.Reason!, outcome.Record.Reason);
    }

    /// <returns>False where the questions have to wait.</returns>
    private async Task<bool> HandleAsync(QuestionsMessage message) =>
        (await _pipeline.DeliverAsync(message)).Kind != JobOutcomeKind.Wait;

    private Task<byte[]> AnswerBytesAsync(string id) => _pipeline.BytesAsync(Names.Answer(Pipeline.Collection, id));

    private async Task FailedAsync(string id, string reason, string collection = Pipeline.Collection)
    {
        var answer = await _pipeline.AnswerAsync(id, collection);
        Assert.Equal((JobStatus.Failed, null, null), (answer.Status, answer.Answer, answer.Text));
        Assert.Contains(reason, answer.Reason);
    }
}
