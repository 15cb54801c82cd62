using System.Text.Json;
using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Serve;

/// <summary><c>perk submit</c> and <c>perk question</c> as processes, with a host that listens in this one.</summary>
public sealed class SubmitAndQuestionTests(QueuesFixture queues) : IClassFixture<QueuesFixture>, IDisposable
{
    private const string Kite = "Who had a blue kite?";
    private readonly TestFolder _folder = new();
    private readonly string _collection = queues.UniqueCollection();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SubmitAndQuestion_Waiting_TellPeopleTheResults()
    {
        await using var host = new RunningHost(queues.Account);
        _folder.Add("page.txt", Small.Document("Lily"));
        var submitted = await Perk("submit", "page.txt", "--wait", "60");
        Assert.Equal((0, ""), (submitted.ExitCode, submitted.Errors));
        Assert.Contains("page.txt: succeeded\n", submitted.Output);
        Assert.Contains(Ids.Sha256(Small.Document("Lily")), submitted.Output);

        var answered = await Perk("question", "page.txt", Kite, "Where did Tom live?", "--wait", "60");
        Assert.Equal((0, ""), (answered.ExitCode, answered.Errors));
        Assert.StartsWith(Kite + "\n  ", answered.Output);
        Assert.Contains("\nWhere did Tom live?\n  ", answered.Output);
        await queues.EmptyAsync();
    }

    [Fact]
    public async Task Question_SeveralDocuments_EachAnswersAndTheSurestStandsFirst()
    {
        await using var host = new RunningHost(queues.Account);
        _folder.Add("olga.txt", Small.Document("Olga"));
        _folder.Add("paul.txt", Small.Document("Paul"));
        await Perk("submit", "olga.txt", "paul.txt", "--wait", "60");
        var answered = await Perk("question", "olga.txt", Kite, "--also", "paul.txt", "--deadline", "01:00:00", "--wait", "60", "--json");
        Assert.Equal((0, ""), (answered.ExitCode, answered.Errors));
        using var answers = JsonDocument.Parse(answered.Output);
        var documents = answers.RootElement[0].GetProperty("answer").GetProperty("documents").EnumerateArray().ToList();
        Assert.Equal(
            new[] { Ids.Sha256(Small.Document("Olga")), Ids.Sha256(Small.Document("Paul")) }.Order(), documents.Select(d => Text(d, "document")!).Order());
        Assert.True(documents[0].GetProperty("score").GetDouble() >= documents[1].GetProperty("score").GetDouble());

        var late = await Perk("question", "olga.txt", "Where did Tom live?", "--also", "paul.txt", "--deadline", "00:00:00", "--wait", "60");
        Assert.Equal(1, late.ExitCode);
        Assert.Contains("passed before there was an answer", late.Output);
        await queues.EmptyAsync();
    }

    [Fact]
    public async Task SubmitAndQuestion_WaitingForMachines_GiveOneJsonValue()
    {
        await using var host = new RunningHost(queues.Account);
        _folder.Add("in/page.txt", Small.Document("Mia"));
        _folder.Add("in/picture.txt", Small.Picture);
        var submitted = await Perk("submit", "in", "--wait", "60", "--json");
        Assert.Equal(1, submitted.ExitCode);
        Assert.Matches("^error: in.picture.txt: The document is a PNG image.*\n$", submitted.Errors);
        using var rows = JsonDocument.Parse(submitted.Output);
        var (page, picture) = (rows.RootElement[0], rows.RootElement[1]);
        Assert.Equal(("succeeded", null), (Text(page, "status"), Text(page, "reason")));
        Assert.Equal("failed", Text(picture, "status"));
        Assert.Contains("PNG", Text(picture, "reason"));
        Assert.Equal("encode-" + Text(page, "adapter"), Text(page, "job"));

        var answered = await Perk("question", Text(page, "document")!, Kite, "--wait", "60", "--json");
        Assert.Equal((0, ""), (answered.ExitCode, answered.Errors));
        using var answers = JsonDocument.Parse(answered.Output);
        var answer = Assert.Single(answers.RootElement.EnumerateArray());
        Assert.Equal(Kite, Text(answer, "question"));
        Assert.Equal($"answers/{_collection}/{Text(answer, "id")}.json", Text(answer, "blob"));
        var stored = answer.GetProperty("answer");
        Assert.Equal(("succeeded", Text(page, "adapter")), (Text(stored, "status"), Text(stored, "adapter")));
        await queues.EmptyAsync();
    }

    [Fact]
    public async Task SubmitAndQuestion_NobodyListens_QueueAndSayWhenTheWaitIsOver()
    {
        _folder.Add("page.txt", Small.Document("Nora"));
        var queued = await Perk("submit", "page.txt");
        Assert.Equal((0, ""), (queued.ExitCode, queued.Errors));
        Assert.Contains("page.txt: queued\n", queued.Output);
        Assert.Equal(1, await queues.CountAsync(Names.EncodeQueue));

        var waited = await Perk("submit", "page.txt", "--wait", "1");
        Assert.Equal(1, waited.ExitCode);
        Assert.Contains("has not ended after 1 s. Does a host listen (perk serve)?", waited.Errors);

        var question = await Perk("question", "page.txt", Kite, "--wait", "1");
        Assert.Equal(1, question.ExitCode);
        Assert.Contains("no answer yet", question.Output);
        await queues.Account.Queue(Names.EncodeQueue).ClearMessagesAsync(Now);
        await queues.Account.Queue(Names.QuestionsQueue).ClearMessagesAsync(Now);
    }

    [Fact]
    public async Task SubmitAndQuestion_AfterAnEarlierFailure_WaitForTheNewResult()
    {
        var bytes = Small.Document("Olga");
        _folder.Add("page.txt", bytes);
        var document = Ids.Sha256(bytes);
        var checkpoint = Small.Source.Id();
        var adapter = Small.Encoding.AdapterId(_collection, document, checkpoint, Small.Source.Meta.Lora);
        var question = Ids.Sha256($"{adapter}\n{Kite}");
        var then = TimeProvider.System.GetUtcNow();
        var (job, ledger) = (Names.EncodeJob(adapter), new JobLedger(queues.Account.Objects, new JobOptions(), TimeProvider.System, "tests"));
        await ledger.QueueAsync(Names.EncodeQueue, _collection, job, _ => "{}", () => Task.FromResult(false), Now);
        await ledger.EndAsync(_collection, job, 1, JobStatus.DeadLettered, "an old story", Now);
        await new StoredAnswer
        {
            Id = question, Question = Kite, Status = JobStatus.Failed, Reason = "an old story",
            Checkpoint = checkpoint, Answered = then,
        }.SaveAsync(queues.Account.Objects, _collection, Now);

        await using var host = new RunningHost(queues.Account);
        var submitted = await Perk("submit", "page.txt", "--wait", "60");
        Assert.Equal((0, ""), (submitted.ExitCode, submitted.Errors));
        var answered = await Perk("question", "page.txt", Kite, "--wait", "60");
        Assert.Equal(0, answered.ExitCode);
        Assert.DoesNotContain("old story", answered.Output);
        await queues.EmptyAsync();
    }

    [Fact]
    public async Task Question_TooLong_IsRefusedBeforeItIsQueued()
    {
        var refused = await Perk("question", new string('a', 64), new string('?', 5000));
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("at most 4,000 are allowed", refused.Errors);
        Assert.Equal(0, await queues.CountAsync(Names.QuestionsQueue));
    }

    private Task<PerkResult> Perk(string command, params string[] arguments) =>
        PerkProcess.RunAsync(
            _folder.Path, [command, .. arguments, "--collection", _collection, .. Small.Flags], queues.ConnectionString);

    private static string? Text(JsonElement of, string property) => of.GetProperty(property).GetString();
}
