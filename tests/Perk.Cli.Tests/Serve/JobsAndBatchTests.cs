using System.Text.Json;
using Perk.Core;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Serve;

/// <summary><c>perk batch</c>, <c>perk jobs</c> and <c>perk documents</c> as processes, with a host that listens in this one.</summary>
public sealed class JobsAndBatchTests(QueuesFixture queues) : IClassFixture<QueuesFixture>, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _collection = queues.UniqueCollection();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Batch_FolderAndManifestWithABadDocument_TheOthersAreEncodedAndASecondSubmissionSkipsThem()
    {
        _folder.Add("in/a.txt", Small.Document("Lily"));
        _folder.Add("in/b.txt", Small.Picture);
        _folder.Add("more/c.txt", Small.Document("Mia"));
        _folder.Add("more/list.jsonl", "{\"file\":\"c.txt\",\"name\":\"Mia's page\"}\n"u8.ToArray());
        await using var host = new RunningHost(queues.Account);
        var first = await Perk(["batch", "submit", "spring", "in", "more/list.jsonl", "--wait", "90", "--json", .. Small.Flags]);
        Assert.Equal(1, first.ExitCode);
        Assert.Matches("^error: b.txt: failed: The document is a PNG image.*\n$", first.Errors);
        using var status = JsonDocument.Parse(first.Output);
        Assert.Equal(["a.txt succeeded", "b.txt failed", "Mia's page succeeded"], Rows(status));

        _folder.Add("in/b.txt", Small.Document("Nora"));
        var second = await Perk(["batch", "submit", "spring", "in", "more/list.jsonl", "--wait", "90", "--json", .. Small.Flags]);
        Assert.Equal((0, ""), (second.ExitCode, second.Errors));
        using var again = JsonDocument.Parse(second.Output);
        Assert.Equal(["a.txt succeeded", "b.txt succeeded", "Mia's page succeeded"], Rows(again));
        var jobs = await new JobCatalog(queues.Account.Objects).ListAsync(new JobFilter(_collection), Now).ToListAsync(Now);
        Assert.All(jobs, job => Assert.Equal((1, 1), (job.Generation, job.Attempt))); // What was done was not begun again.
        var shown = await Perk("batch", "show", "spring");
        Assert.Contains("spring: 3 documents, 3 succeeded", shown.Output);

        // Without records a batch says what is there.
        await Perk("jobs", "purge", "--status", "succeeded");
        Assert.Contains("spring: 3 documents, 3 succeeded", (await Perk("batch", "show", "spring")).Output);
        await Perk("documents", "delete", "in/a.txt");
        var less = await Perk("batch", "show", "spring");
        Assert.Equal(1, less.ExitCode);
        Assert.StartsWith("error: a.txt: failed: The document was deleted; submit the batch again", less.Errors);
        await queues.EmptyAsync();
    }

    [Theory]
    [InlineData("{\"name\":\"x\"}", "line 1: it must have the field 'file'")]
    [InlineData("no JSON", "line 1: it is not JSON")]
    public async Task Batch_BadManifest_IsRefusedWithItsLine(string line, string reason)
    {
        _folder.Add("list.jsonl", System.Text.Encoding.UTF8.GetBytes(line));
        var refused = await Perk(["batch", "submit", "x", "list.jsonl", .. Small.Flags]);
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains(reason, refused.Errors);
    }

    [Fact]
    public async Task Jobs_FailedAndQueued_AreShownReplayedCancelledAndPurged()
    {
        _folder.Add("picture.txt", Small.Picture);
        await using (var host = new RunningHost(queues.Account)) await Perk(["submit", "picture.txt", "--wait", "60", .. Small.Flags]);
        var listed = await Perk("jobs", "list");
        Assert.Contains("1 jobs: 1 failed", listed.Output);
        var dry = await Perk("jobs", "replay", "--status", "failed", "--dry-run");
        Assert.Contains("(failed): would be replayed", dry.Output);
        Assert.Equal(0, await queues.CountAsync(Names.EncodeQueue));
        var nothing = await PerkProcess.RunAsync(_folder.Path, ["jobs", "replay"], queues.ConnectionString);
        Assert.Equal(2, nothing.ExitCode);
        Assert.Contains("Which jobs?", nothing.Errors);

        var replayed = await Perk("jobs", "replay", "encode-", "--json");
        using var rows = JsonDocument.Parse(replayed.Output);
        Assert.Equal("queued again as generation 2", rows.RootElement[0].GetProperty("outcome").GetString());
        Assert.Equal(1, await queues.CountAsync(Names.EncodeQueue));
        var cancelled = await Perk("jobs", "cancel", "--status", "queued");
        Assert.Contains("(queued): cancelled", cancelled.Output);
        await using (var host = new RunningHost(queues.Account)) await queues.EmptyAsync(); // Its message is dropped.
        var shown = await Perk("jobs", "show", "encode-", "--json");
        using var record = JsonDocument.Parse(shown.Output);
        Assert.Equal(("cancelled", 2, 0), (Text(record.RootElement[0], "status"), Number("generation"), Number("attempt")));
        Assert.Contains("(cancelled): removed", (await Perk("jobs", "purge", "--status", "cancelled")).Output);
        Assert.Contains("0 jobs", (await Perk("jobs", "list")).Output);

        int Number(string property) => record.RootElement[0].GetProperty(property).GetInt32();
    }

    [Fact]
    public async Task Jobs_CancelledWhileItRuns_EndsAsCancelled()
    {
        _folder.Add("book.txt", Small.Document("Zoe", 4000));
        await Perk(["submit", "book.txt", .. Small.Flags]);
        await using var host = new RunningHost(queues.Account);
        await host.LoggedAsync("begins with document");
        Assert.Contains("(running): will be cancelled by its host", (await Perk("jobs", "cancel", "encode-")).Output);
        await queues.EmptyAsync();
        var job = Assert.Single(await new JobCatalog(queues.Account.Objects).ListAsync(new JobFilter(_collection), Now).ToListAsync(Now));
        Assert.Equal(JobStatus.Cancelled, job.Status);
        Assert.Contains("perk jobs replay", job.Reason);
        Assert.Contains("(cancelled): removed", (await Perk("jobs", "purge", "encode-")).Output); // Its message is gone: nothing brings it back.
    }

    [Fact]
    public async Task Jobs_TriesThatFail_EndAsADeadLetterAndAReplayMendsIt()
    {
        _folder.Add("page.txt", Small.Document("Emma"));
        await using var host = new RunningHost(queues.Account);
        await Perk(["submit", "page.txt", "--wait", "60", .. Small.Flags]);
        await Perk(["question", "page.txt", "Who?", "--deadline", "00:00:00", "--wait", "60", .. Small.Flags]); // A failed answer is there,
        var answer = new ObjectName(Names.Answers, Assert.Single(await queues.Account.Objects.ListAsync(Names.Answers, _collection + "/", Now).ToListAsync(Now)));
        var lease = (await queues.Account.Objects.TryLeaseAsync(answer, JobOptions.LongestLease, Now))!; // and somebody keeps it from being replaced.
        await queues.Account.Objects.DeleteAsync(Names.Job(_collection, "ask-" + answer.Path.Split('/')[1][..^5]), Now);
        var message = new QuestionsMessage
        {
            Collection = _collection, Document = Ids.Sha256(Small.Document("Emma")), Checkpoint = Small.Source.Id(), Job = "ask-emma",
            Questions = [new Question(answer.Path.Split('/')[1][..^5], "Who?")],
        };
        await queues.Account.SendAsync(Names.QuestionsQueue, System.Text.Encoding.UTF8.GetBytes(message.ToJson()), TimeSpan.Zero, Now);
        var given = await QueuesFixture.FindAsync(() => JobRecord.FindEndedAsync(queues.Account.Objects, _collection, "ask-emma", Now), "end of the job");
        Assert.Equal((JobStatus.DeadLettered, 5), (given.Status, given.Attempt));
        Assert.Contains("given up after 5 tries. Try 5 failed.", given.Reason);
        await queues.EmptyAsync();
        Assert.Equal(0, await queues.CountAsync(Names.PoisonOf(Names.QuestionsQueue))); // Dealt with once, and by nobody again.
        Assert.Single(await queues.Account.Objects.ListAsync(Names.DeadLetters, Names.QuestionsQueue + "/", Now).ToListAsync(Now));

        await queues.Account.Objects.ReleaseAsync(answer, lease, Now);
        Assert.Contains("queued again as generation 2", (await Perk("jobs", "replay", "--status", "deadLettered")).Output);
        var ended = await QueuesFixture.FindAsync(
            async () => await JobRecord.FindEndedAsync(queues.Account.Objects, _collection, "ask-emma", Now) is { Generation: 2 } record ? record : null, "end of the replay");
        Assert.Equal(JobStatus.Succeeded, ended.Status);
        await queues.EmptyAsync();
    }

    [Fact]
    public async Task Documents_Deleted_AreGoneWithAdapterAndAnswers()
    {
        _folder.Add("page.txt", Small.Document("Olga"));
        await using var host = new RunningHost(queues.Account);
        await Perk(["submit", "page.txt", "--wait", "60", .. Small.Flags]);
        await Perk(["question", "page.txt", "Who had a kite?", "--wait", "60", .. Small.Flags]);
        Assert.Contains($"{Ids.Sha256(Small.Document("Olga"))} page.txt", (await Perk("documents", "list")).Output);
        Assert.Contains("would be deleted, with 1 adapters and 1 answers", (await Perk("documents", "delete", "page.txt", "--dry-run")).Output);
        Assert.Contains("is deleted, with 1 adapters and 1 answers", (await Perk("documents", "delete", "page.txt")).Output);
        Assert.Contains("There are no documents", (await Perk("documents", "list")).Output);
        foreach (var container in new[] { Names.Adapters, Names.Answers })
            Assert.Empty(await queues.Account.Objects.ListAsync(container, _collection + "/", Now).ToListAsync(Now));
        await queues.EmptyAsync();
    }

    private Task<PerkResult> Perk(params string[] arguments) =>
        PerkProcess.RunAsync(_folder.Path, [.. arguments, "--collection", _collection], queues.ConnectionString);

    private static string[] Rows(JsonDocument status) =>
        [.. status.RootElement.GetProperty("documents").EnumerateArray().Select(row => $"{Text(row, "name")} {Text(row, "status")}")];

    private static string? Text(JsonElement of, string property) => of.GetProperty(property).GetString();
}
