using System.Text;
using System.Text.Json.Nodes;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Documents;

public sealed class QueueHandlersTests : IDisposable
{
    private static readonly Question Who = new("who", "Who gave the ball back?");
    private readonly Pipeline _pipeline = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _pipeline.Dispose();

    [Theory]
    [InlineData("", "not well-formed JSON")]
    [InlineData("no JSON", "not well-formed JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("""{"v":2,"collection":"default"}""", "'v'")]
    [InlineData("""{"v":1,"collection":"default"}""", "it is missing")]
    public async Task BothQueues_MalformedBody_BecomesADeadLetterWithReasonAndBody(string body, string reason)
    {
        Assert.Null(await _pipeline.Handlers.EncodeAsync("m-1", Encoding.UTF8.GetBytes(body), null, Now));
        Assert.Null(await _pipeline.Handlers.QuestionsAsync("m-2", Encoding.UTF8.GetBytes(body), Now));
        await LetterAsync("encode", "m-1", reason, body);
        await LetterAsync("questions", "m-2", reason, body);
        Assert.Empty(await _pipeline.Store.ListAsync(Names.Jobs, "", Now).ToListAsync(Now));
    }

    [Fact]
    public async Task Encode_BodyThatIsNoUtf8_BecomesADeadLetter()
    {
        Assert.Null(await _pipeline.Handlers.EncodeAsync("m-1", new byte[] { 0x7B, 0xFF, 0xFE }, null, Now));
        await LetterAsync("encode", "m-1", "not well-formed JSON", "{\uFFFD\uFFFD", [0x7B, 0xFF, 0xFE]);
    }

    [Fact]
    public async Task EncodeThenQuestions_WholeWay_AnAnswerIsStored()
    {
        var document = await _pipeline.SubmitAsync();
        var ask = Body(Pipeline.ToAsk(document, Who).ToJson());
        Assert.Equal(JobOutcomeKind.Wait, (await _pipeline.Handlers.QuestionsAsync("m-1", ask, Now))!.Kind);

        var reports = new List<EncodeProgress>();
        var told = new List<string>();
        var result = await _pipeline.Handlers.EncodeAsync(
            "m-2",
            Body(_pipeline.ToEncode(document).ToJson()),
            message =>
            {
                told.Add(message.Document);
                return new OnReport(reports.Add);
            },
            Now);
        Assert.Equal(JobStatus.Succeeded, result!.Record!.Status);
        Assert.Equal([document], told);
        Assert.Equal(reports[^1].TokensTotal, reports[^1].TokensDone);

        Assert.Equal(JobOutcomeKind.Ended, (await _pipeline.Handlers.QuestionsAsync("m-1", ask, Now))!.Kind);
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.AnswerAsync("who")).Status);
        Assert.Empty(await _pipeline.Store.ListAsync(Names.DeadLetters, "", Now).ToListAsync(Now));
    }

    [Fact]
    public async Task Encode_ReasonThatIsFinal_IsAResultAndNoDeadLetter()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync(""));
        var result = await _pipeline.Handlers.EncodeAsync("m-1", Body(message.ToJson()), null, Now);
        Assert.Equal(JobStatus.Failed, result!.Record!.Status);
        Assert.Empty(await _pipeline.Store.ListAsync(Names.DeadLetters, "", Now).ToListAsync(Now));
    }

    [Fact]
    public async Task Poisoned_EncodeMessage_EndsItsJob()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync());
        await _pipeline.Ledger.QueueAsync(Names.EncodeQueue, message.Collection, message.Job, _ => message.ToJson(), () => Task.FromResult(false), Now);
        await _pipeline.UseUpTriesAsync(message.Collection, message.Job, "The disk is full.");
        Assert.Null(await _pipeline.Handlers.PoisonedAsync(Names.EncodeQueue, "m-1", Body(message.ToJson()), "five tries", TimeSpan.Zero, Now));
        await LetterAsync("encode", "m-1", "The disk is full.", message.ToJson());
        var record = await _pipeline.RecordAsync(message.Job);
        Assert.Equal((JobStatus.DeadLettered, 1), (record!.Status, record.Generation));
        Assert.Equal($"It was given up after 5 tries. The disk is full. When the cause is mended, perk jobs replay {message.Job} does it again.", record.Reason);

        // A late delivery of it is dropped; the next generation may succeed.
        Assert.Equal(JobOutcomeKind.Dropped, (await _pipeline.DeliverAsync(message)).Kind);
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.DeliverAsync(message with { Generation = 2 })).Record!.Status);
    }

    [Fact]
    public async Task Poisoned_WithoutItsTries_IsSentAgainAndNoDeadLetter()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync());
        var again = await _pipeline.Handlers.PoisonedAsync(Names.EncodeQueue, "m-1", Body(message.ToJson()), "received too often.", TimeSpan.Zero, Now);
        Assert.Equal((message.ToJson(), JobStatus.Queued), (again!.Message, again.Status));
        Assert.Empty(await _pipeline.Store.ListAsync(Names.DeadLetters, "", Now).ToListAsync(Now));
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.DeliverAsync(message)).Record!.Status);
    }

    [Fact]
    public async Task Poisoned_CopyOfAnOldGeneration_DoesNotTouchTheNewOne()
    {
        var ask = Pipeline.ToAsk(await _pipeline.SubmitAsync(), Who);
        var old = Body(ask.ToJson());
        Assert.Equal(JobOutcomeKind.Wait, (await _pipeline.DeliverAsync(ask with { Generation = 2 })).Kind);
        Assert.Null(await _pipeline.Handlers.PoisonedAsync(Names.QuestionsQueue, "m-1", old, "poison", TimeSpan.Zero, Now));
        Assert.Null(await StoredAnswer.FindAsync(_pipeline.Store, Pipeline.Collection, "who", Now));
        Assert.Equal((JobStatus.Queued, 2), ((await _pipeline.RecordAsync(ask.Job))!.Status, (await _pipeline.RecordAsync(ask.Job))!.Generation));
    }

    [Fact]
    public async Task Poisoned_AfterItsJobSucceeded_TheResultStays()
    {
        var message = _pipeline.ToEncode(await _pipeline.SubmitAsync());
        await _pipeline.DeliverAsync(message);
        await _pipeline.Handlers.PoisonedAsync(Names.EncodeQueue, "m-1", Body(message.ToJson()), "not deleted", TimeSpan.Zero, Now);
        Assert.Empty(await _pipeline.Store.ListAsync(Names.DeadLetters, "", Now).ToListAsync(Now)); // There is nothing to keep.
        Assert.Equal(JobStatus.Succeeded, (await _pipeline.RecordAsync(message.Job))!.Status);
    }

    [Fact]
    public async Task Poisoned_QuestionsMessage_EndsEveryOpenQuestion()
    {
        var manifest = await _pipeline.EncodedAsync();
        await _pipeline.DeliverAsync(Pipeline.ToAsk(manifest.Document, Who));
        var message = Pipeline.ToAsk(
            manifest.Document, Who, new Question("open", "Where?"), new Question("damaged", "When?")) with { Job = Names.AskJob("three") };
        var body = message.ToJson();
        await _pipeline.Ledger.QueueAsync(Names.QuestionsQueue, message.Collection, message.Job, _ => body, () => Task.FromResult(false), Now);
        await _pipeline.UseUpTriesAsync(message.Collection, message.Job, "five tries");
        await _pipeline.Store.WriteAsync(Names.Answer(Pipeline.Collection, "damaged"), "{"u8.ToArray(), Now);
        await _pipeline.Handlers.PoisonedAsync(Names.QuestionsQueue, "m-1", Body(body), "five tries", TimeSpan.Zero, Now);
        await LetterAsync("questions", "m-1", "five tries", body);
        foreach (var id in new[] { "open", "damaged" })
        {
            var answer = await _pipeline.AnswerAsync(id);
            Assert.Equal(JobStatus.DeadLettered, answer.Status);
            Assert.Contains("five tries", answer.Reason);
        }

        Assert.Equal(JobStatus.Succeeded, (await _pipeline.AnswerAsync("who")).Status);
    }

    [Theory]
    [InlineData("encode")]
    [InlineData("questions")]
    public async Task Poisoned_MalformedBody_IsKeptAllTheSame(string queue)
    {
        await _pipeline.Handlers.PoisonedAsync(queue, "m-1", Body("?"), "no base64", TimeSpan.Zero, Now);
        await LetterAsync(queue, "m-1", "no base64", "?");
    }

    private static byte[] Body(string json) => Encoding.UTF8.GetBytes(json);

    private async Task LetterAsync(string queue, string id, string reason, string body, byte[]? bytes = null)
    {
        var letter = JsonNode.Parse(await _pipeline.BytesAsync(new ObjectName("deadletters", $"{queue}/{Ids.Sha256(bytes ?? Body(body))[..32]}.json")))!;
        Assert.Equal(
            (1, queue, id, body),
            ((int)letter["v"]!, (string?)letter["queue"], (string?)letter["messageId"], (string?)letter["body"]));
        Assert.Contains(reason, (string?)letter["reason"]);
    }
}
