using System.Text;
using System.Text.Json;
using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Serve;

/// <summary>Documents and questions through the real queues, the real model and the local host.</summary>
public sealed class LocalHostTests(QueuesFixture queues) : IClassFixture<QueuesFixture>
{
    private const string Kite = "Who had a blue kite?";
    private readonly string _collection = queues.UniqueCollection();
    private readonly Submission _submission = new(queues.Account, Small.Model, TimeProvider.System);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private BlobStore Objects => queues.Account.Objects;

    [Fact]
    public async Task Run_DocumentThenQuestion_AdapterAndAnswerAreBlobs()
    {
        await using var host = new RunningHost(queues.Account);
        var sent = await SendAsync("Lily");
        Assert.Equal(JobStatus.Succeeded, (await ResultAsync(sent.Job)).Status);

        var archive = new AdapterArchive(Objects);
        var manifest = await archive.FindAsync(_collection, sent.Job["encode-".Length..], Now);
        Assert.NotNull(manifest);
        Assert.Equal((sent.Document, "utf-8", 2), (manifest.Document, manifest.TextEncoding, manifest.Losses.Count));
        Assert.True(manifest.Losses[1] < manifest.Losses[0]);
        var name = Names.DocumentSource(_collection, sent.Document);
        using var source = JsonDocument.Parse((await Objects.ReadAllBytesAsync(name, Now))!);
        Assert.Equal("utf-8", source.RootElement.GetProperty("encoding").GetString());

        var asked = await _submission.SendQuestionsAsync(_collection, sent.Document, [Kite, "Where did Tom live?"], Now);
        var model = await Small.Model.LoadAsync(Now);
        using var adapter = await archive.LoadAsync(manifest, model.Checkpoint, Now);
        var expected = model.Answerer.Answer(
            adapter, manifest.Segments, [.. asked.Questions.Select(q => q.Text)], cancel: Now);
        foreach (var (question, answer) in asked.Questions.Zip(expected))
        {
            var stored = await AnswerAsync(question.Id);
            Assert.Equal((JobStatus.Succeeded, question.Text, answer.Text), (stored.Status, stored.Question, stored.Text));
            Assert.Equal(manifest.Adapter, stored.Adapter);
        }

        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task Run_WithAScheduleForTheSuite_MakesTheReportOfTheDayOnce()
    {
        await using var host = new RunningHost(queues.Account, settings: s => s with { EvaluationSchedule = "* * * * * *", EvaluationSuite = "small" });
        var record = await QueuesFixture.FindAsync(() => JobRecord.FindEndedAsync(Objects, Names.DefaultCollection, Names.EvaluateJob("small"), Now), "end of the evaluation");
        Assert.Equal(JobStatus.Succeeded, record.Status);
        Assert.True(await Objects.ExistsAsync(Names.Report(EvaluateMessage.Parse(record.Message).Report), Now));
        await host.LoggedAsync("small"); // the report, in the log
        Assert.Equal(1, (await JobRecord.FindAsync(Objects, Names.DefaultCollection, record.Job, Now))!.Generation);
    }

    [Fact]
    public async Task Run_QuestionBeforeItsDocumentIsEncoded_WaitsForItsAnswer()
    {
        await using var host = new RunningHost(queues.Account);
        var document = await new DocumentShelf(Objects).AddAsync(
            _collection, Small.Document("Mia"), "mia.txt", TimeProvider.System.GetUtcNow(), Now);
        var asked = await _submission.SendQuestionsAsync(_collection, document, [Kite], Now);
        await host.LoggedAsync("for another job or host");
        Assert.Null(await StoredAnswer.FindAsync(Objects, _collection, asked.Questions[0].Id, Now));

        await SendAsync("Mia");
        var answer = await AnswerAsync(asked.Questions[0].Id);
        Assert.Equal((JobStatus.Succeeded, null), (answer.Status, answer.Reason));
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task Run_BadMessages_EachLeavesItsReasonAndTheGoodDocumentIsEncoded()
    {
        var before = await DeadLettersAsync();
        var upper = Message(new string('a', 64)).ToJson().Replace("aaaa", "AAAA", StringComparison.Ordinal);
        (string Queue, string Body, string Reason)[] bad =
        [
            (Names.EncodeQueue, "hello", "not well-formed JSON"),
            (Names.EncodeQueue, "", "not well-formed JSON"),
            (Names.EncodeQueue, "[1]", "must be a JSON object"),
            (Names.EncodeQueue, """{"v":2,"collection":"default"}""", "'v': '2' is unknown here; it must be 1"),
            (Names.EncodeQueue, """{"v":1,"collection":"default"}""", "'document': it is missing"),
            (Names.EncodeQueue, upper, "is not a document id"),
            (Names.QuestionsQueue, """{"v":1}""", "'collection': it is missing"),
        ];
        await using var host = new RunningHost(queues.Account);
        foreach (var (queue, body, _) in bad)
            await queues.Account.SendAsync(queue, Encoding.UTF8.GetBytes(body), TimeSpan.Zero, Now);
        await queues.Raw(Names.EncodeQueue).SendMessageAsync("no base64 {", Now);
        await queues.Raw(Names.QuestionsQueue).SendMessageAsync("*** neither", Now);
        var good = await SendAsync("Nora");

        Assert.Equal(JobStatus.Succeeded, (await ResultAsync(good.Job)).Status);
        await queues.EmptyAsync();
        Assert.Equal(["no base64 {"], await queues.TakePoisonAsync(Names.EncodeQueue));
        Assert.Equal(["*** neither"], await queues.TakePoisonAsync(Names.QuestionsQueue));
        var letters = (await DeadLettersAsync()).Except(before).ToList();
        Assert.Equal(bad.Length + 2, letters.Count);
        foreach (var (queue, body, reason) in bad)
            Assert.Contains(letters, letter =>
                (letter.Queue, letter.Body) == (queue, body) && letter.Reason.Contains(reason, StringComparison.Ordinal));
        Assert.Equal(2, letters.Count(letter => letter.Reason.Contains("not base64", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Run_BadDocumentsAndQuestions_EachFailsOnceWithItsReason()
    {
        await using var host = new RunningHost(queues.Account);
        var empty = await SendAsync([]);
        var blank = await SendAsync(" \n"u8.ToArray());
        var picture = await SendAsync(Small.Picture);
        var good = await SendAsync("Olga");
        var missing = await SendAsync(Message(new string('b', 64)));
        var otherOptions = await SendAsync(Message(good.Document) with { Job = Names.EncodeJob(new string('d', 32)) });

        await Failed(empty, "it has no bytes");
        await Failed(blank, "only white space");
        await Failed(picture, "a PNG image");
        await Failed(missing, "does not exist; submit it");
        await Failed(otherOptions, "with this host's options");
        Assert.Equal(JobStatus.Succeeded, (await ResultAsync(good.Job)).Status);

        var stranger = await SendAsync(Message(good.Document) with { Checkpoint = new string('c', 64) });
        await host.LoggedAsync($"{stranger.Job}: a message of generation 1 is dropped, the job is Succeeded");
        Assert.Equal(JobStatus.Succeeded, (await ResultAsync(good.Job)).Status); // the success stays

        var unread = await _submission.SendQuestionsAsync(_collection, picture.Document, [Kite], Now);
        var unknown = await _submission.SendQuestionsAsync(_collection, new string('e', 64), [Kite], Now);
        Assert.Contains("a PNG image", (await AnswerAsync(unread.Questions[0].Id)).Reason);
        Assert.Contains("submit it first", (await AnswerAsync(unknown.Questions[0].Id)).Reason);
        await NothingIsLeftAsync();
        Assert.DoesNotContain(host.Lines, line => line.Contains("(attempt", StringComparison.Ordinal)); // none was tried again

        async Task Failed(EncodeMessage message, string reason)
        {
            var result = await ResultAsync(message.Job);
            Assert.Equal(JobStatus.Failed, result.Status);
            Assert.Contains(reason, result.Reason);
        }
    }

    [Fact]
    public async Task Run_ContainerRemovedMeanwhile_IsMadeAgain()
    {
        await using var host = new RunningHost(queues.Account);
        await ResultAsync((await SendAsync("Paula")).Job);
        await queues.EmptyAsync();
        await queues.Account.Blobs.DeleteBlobContainerAsync(Names.Jobs, cancellationToken: Now);

        var sent = await SendAsync("Rosa");
        Assert.Equal(JobStatus.Succeeded, (await ResultAsync(sent.Job)).Status);
        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task Run_StoppedWhileItEncodes_EndsOnlyWhenNothingComputes()
    {
        await using var host = new RunningHost(queues.Account, stopTimeout: TimeSpan.Zero);
        var sent = await _submission.SendDocumentAsync(_collection, Small.LongDocument("Tina"), "long.txt", Now);
        await QueuesFixture.FindAsync(() => Task.FromResult(host.Computes ? "" : null), "computation");
        await host.StopAsync();
        Assert.False(host.Computes);
        Assert.Equal(JobStatus.Queued, (await JobRecord.FindAsync(Objects, _collection, sent.Job, Now))!.Status);
        await queues.Account.Queue(Names.EncodeQueue).ClearMessagesAsync(Now);
    }

    [Fact]
    public async Task Run_AdapterDamaged_AnswersSayWhichFile()
    {
        await using var host = new RunningHost(queues.Account);
        var sent = await SendAsync("Sara");
        await ResultAsync(sent.Job);
        var weights = Names.AdapterWeights(_collection, sent.Job["encode-".Length..]);
        var bytes = (await Objects.ReadAllBytesAsync(weights, Now))!;
        bytes[^1] ^= 1;
        await Objects.WriteAsync(weights, bytes, Now);

        var asked = await _submission.SendQuestionsAsync(_collection, sent.Document, [Kite], Now);
        var answer = await AnswerAsync(asked.Questions[0].Id);
        Assert.Equal(JobStatus.Failed, answer.Status);
        Assert.Contains(weights.ToString(), answer.Reason);
        Assert.Contains("differs from its manifest", answer.Reason);
        await NothingIsLeftAsync();
    }

    private Task<EncodeMessage> SendAsync(string name) => SendAsync(Small.Document(name));

    private Task<EncodeMessage> SendAsync(byte[] content) => _submission.SendDocumentAsync(_collection, content, "page.txt", Now);

    private async Task<EncodeMessage> SendAsync(EncodeMessage message)
    {
        await queues.Account.SendAsync(Names.EncodeQueue, Encoding.UTF8.GetBytes(message.ToJson()), TimeSpan.Zero, Now);
        return message;
    }

    private EncodeMessage Message(string document)
    {
        var checkpoint = Small.Source.Id();
        var job = Names.EncodeJob(Small.Encoding.AdapterId(_collection, document, checkpoint, Small.Source.Meta.Lora));
        return new EncodeMessage { Collection = _collection, Document = document, Checkpoint = checkpoint, Job = job };
    }

    private Task<JobRecord> ResultAsync(string job) =>
        QueuesFixture.FindAsync(() => JobRecord.FindEndedAsync(Objects, _collection, job, Now), "result of " + job);

    private Task<StoredAnswer> AnswerAsync(string question) =>
        QueuesFixture.FindAsync(() => StoredAnswer.FindAsync(Objects, _collection, question, Now), "answer to " + question);

    private async Task<HashSet<DeadLetter>> DeadLettersAsync()
    {
        var letters = new HashSet<DeadLetter>();
        await foreach (var path in Objects.ListAsync(Names.DeadLetters, "", Now))
        {
            var bytes = await Objects.ReadAllBytesAsync(new ObjectName(Names.DeadLetters, path), Now);
            letters.Add(JsonSerializer.Deserialize<DeadLetter>(bytes, Json.Indented)!);
        }

        return letters;
    }

    private async Task NothingIsLeftAsync()
    {
        await queues.EmptyAsync();
        Assert.Equal(0, await queues.CountAsync(Names.PoisonOf(Names.EncodeQueue)));
        Assert.Equal(0, await queues.CountAsync(Names.PoisonOf(Names.QuestionsQueue)));
    }
}
