using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Perk.Cli.Tests.Serve;
using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Http;
using Perk.Core.Jobs;
using Perk.Core.MetaLearning;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Functions;

/// <summary>The app's function classes, found by their attributes, made from its own services, driven from real queues and requests.</summary>
public sealed class FunctionsAppTests(QueuesFixture queues) : IClassFixture<QueuesFixture>
{
    private readonly string _collection = queues.UniqueCollection();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private BlobStore Objects => queues.Account.Objects;

    [Fact]
    public async Task App_DocumentAndQuestionByHttp_AreJobsAndAnAnswer()
    {
        await using var app = await StartAsync();
        Assert.False(app.Services.GetRequiredService<ServedModel>().IsLoaded);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/health/ready", Now)).StatusCode);

        using var submitted = await app.Client.PostAsync($"/v1/collections/{_collection}/documents?name=lily.txt", new StringContent(Small.Page("Lily", 1)), Now);
        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        var document = await ReadAsync<SubmittedDocument>(submitted);
        Assert.Equal(document.Location, submitted.Headers.Location!.OriginalString);
        var encoded = await EndedAsync(app, document.Location);
        Assert.Equal((JobStatus.Succeeded, document.Adapter), (encoded.Status, encoded.Adapter));
        Assert.True((await ReadAsync<Readiness>(await app.Client.GetAsync("/health/ready", Now))).ModelLoaded);

        using var asked = await app.Client.PostAsJsonAsync(
            $"/v1/collections/{_collection}/questions", new AskedQuestions([document.Document], ["Who had a blue kite?"]), Json.Compact, Now);
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        var questions = await ReadAsync<SubmittedQuestions>(asked);
        Assert.Equal([questions.Questions[0].Answer], (await EndedAsync(app, questions.Location)).Answers);
        var answer = await ReadAsync<StoredAnswer>(await app.Client.GetAsync(questions.Questions[0].Answer, Now));
        Assert.Equal((JobStatus.Succeeded, document.Adapter), (answer.Status, answer.Adapter));
        Assert.NotEmpty(answer.Text!);

        using var again = await app.Client.PostAsync($"/v1/collections/{_collection}/documents?name=lily.txt", new StringContent(Small.Page("Lily", 1)), Now);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        using var deleted = await app.Client.DeleteAsync($"/v1/collections/{_collection}/documents/{document.Document}", Now);
        Assert.Equal([document.Adapter], (await ReadAsync<RemovalReport>(deleted)).Adapters);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync(questions.Questions[0].Answer, Now)).StatusCode);
        await queues.EmptyAsync();
    }

    [Fact]
    public async Task App_MessageThatBecomesPoison_IsKeptWithTheReasonAndItsJobEnds()
    {
        await using var app = await StartAsync();
        var ledger = app.Services.GetRequiredService<JobLedger>();
        var message = await WithoutTriesAsync(ledger);
        await queues.Account.SendAsync(Names.PoisonOf(Names.EncodeQueue), Encoding.UTF8.GetBytes(message.ToJson()), TimeSpan.Zero, Now);
        var record = await QueuesFixture.FindAsync(() => JobRecord.FindEndedAsync(Objects, _collection, message.Job, Now), "end of the job");
        Assert.Equal(JobStatus.DeadLettered, record.Status);
        await QueuesFixture.FindAsync(async () => await Objects.ExistsAsync(Names.DeadLetter(Names.EncodeQueue, Encoding.UTF8.GetBytes(message.ToJson())), Now) ? "" : null, "dead letter"); // It is written after the record.
        foreach (var queue in Names.Queues) // Nonsense on each poison queue is kept, too, by its own function.
        {
            var body = Encoding.UTF8.GetBytes($"nonsense for {queue}");
            await queues.Account.SendAsync(Names.PoisonOf(queue), body, TimeSpan.Zero, Now);
            await QueuesFixture.FindAsync(async () => await Objects.ExistsAsync(Names.DeadLetter(queue, body), Now) ? "" : null, $"dead letter of {queue}");
        }
    }

    [Fact]
    public async Task App_BlobThatEventGridTellsOf_IsSubmittedOnce()
    {
        await using var app = await StartAsync();
        var path = $"{_collection}/letters/Anna's diary (1).txt";
        await queues.Account.Blobs.GetBlobContainerClient(Names.Uploads).CreateIfNotExistsAsync(cancellationToken: Now);
        var blob = queues.Account.Blobs.GetBlobContainerClient(Names.Uploads).GetBlobClient(path);
        await blob.UploadAsync(new BinaryData(Small.Document("Anna", 1)), Now);
        for (var n = 0; n < 2; n++) await queues.Account.SendAsync(Names.ArrivalsQueue, Events.Created(blob.Uri), TimeSpan.Zero, Now);
        var document = Ids.Sha256(Small.Document("Anna", 1));
        var job = Names.EncodeJob(app.Services.GetRequiredService<ServedModel>().AdapterId(_collection, document));
        var record = await QueuesFixture.FindAsync(() => JobRecord.FindEndedAsync(Objects, _collection, job, Now), "end of the job");
        Assert.Equal((JobStatus.Succeeded, 1), (record.Status, record.Generation));
        Assert.Equal(["letters/Anna's diary (1).txt"], (await new DocumentShelf(Objects).ReferencesAsync(_collection, document, Now)).Select(r => r.Name));
        await QueuesFixture.FindAsync(async () => await blob.ExistsAsync(Now) ? null : "", "end of the upload");
        await QueuesFixture.FindAsync(async () => await queues.CountAsync(Names.ArrivalsQueue) == 0 ? "" : null, "end of the events");
    }

    [Fact]
    public async Task App_TooLargeForARequest_IsAnnouncedPutAndBecomesAJob()
    {
        await using var app = await StartAsync();
        var content = Small.Document("Rosa", 1);
        var announced = new AnnouncedDocument("rosa.txt", Ids.Sha256(content), content.Length);
        using var reply = await app.Client.PostAsJsonAsync($"/v1/collections/{_collection}/uploads", announced, Json.Compact, Now);
        var submitted = await ReadAsync<SubmittedDocument>(reply);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync(submitted.Location, Now)).StatusCode);
        using (var put = new HttpRequestMessage(new HttpMethod(submitted.Upload!.Method), submitted.Upload.Url) { Content = new ByteArrayContent(content) })
        {
            foreach (var (name, value) in submitted.Upload.Headers) put.Headers.Add(name, value);
            using var stored = await app.Client.SendAsync(put, Now);
            Assert.Equal(HttpStatusCode.Created, stored.StatusCode);
        }

        await queues.Account.SendAsync(Names.ArrivalsQueue, Events.Created(submitted.Upload.Url), TimeSpan.Zero, Now);
        var record = await QueuesFixture.FindAsync(() => JobRecord.FindEndedAsync(Objects, _collection, submitted.Job, Now), "end of the job");
        Assert.Equal(JobStatus.Succeeded, record.Status);
    }

    [Fact]
    public async Task App_TimerOfTheEvaluation_IsOneRequestOneReportAndNoSecondThatDay()
    {
        await using var app = await StartAsync("Perk:Evaluation:Suite=small");
        await app.TickAsync("scheduled-evaluation");
        await app.TickAsync("scheduled-evaluation");
        var job = Names.EvaluateJob("small");
        var record = await QueuesFixture.FindAsync(() => JobRecord.FindEndedAsync(Objects, Names.DefaultCollection, job, Now), "end of the evaluation");
        Assert.Equal((JobStatus.Succeeded, 1), (record.Status, record.Generation));
        var report = Names.Report(EvaluateMessage.Parse(record.Message).Report);
        Assert.True(await Objects.ExistsAsync(report, Now));
        Assert.True(await Objects.ExistsAsync(Names.ReportText(EvaluateMessage.Parse(record.Message).Report), Now));
        Assert.Contains("\"small\"", Encoding.UTF8.GetString((await Objects.ReadAllBytesAsync(Names.ReportIndex, Now))!));
        await app.TickAsync("scheduled-evaluation");
        await QueuesFixture.FindAsync(async () => await queues.CountAsync(Names.EvaluateQueue) == 0 ? "" : null, "end of the messages");
        Assert.Equal(1, (await JobRecord.FindAsync(Objects, Names.DefaultCollection, job, Now))!.Generation);
    }

    [Fact]
    public async Task App_TimerOfTheSweep_QueuesAStaleJobAgain()
    {
        await using var app = await StartAsync();
        var message = new EncodeMessage { Collection = _collection, Document = Ids.Sha256(_collection), Checkpoint = app.Services.GetRequiredService<ServedModel>().Id, Job = "" };
        message = message with { Job = Names.EncodeJob(app.Services.GetRequiredService<ServedModel>().AdapterId(_collection, message.Document)) };
        var before = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(2);
        var stale = new JobRecord
        {
            Job = message.Job, Collection = _collection, Queue = Names.EncodeQueue, Generation = 1, Status = JobStatus.Running, Attempt = 1, Worker = "gone/1",
            Queued = before, Started = before, Computing = before, Heartbeat = before, Message = message.ToJson(),
        };
        await Objects.WriteAsync(Names.Job(_collection, message.Job), stale.ToJson(), Now);
        await app.TickAsync("sweep");
        var record = await QueuesFixture.FindAsync(() => JobRecord.FindEndedAsync(Objects, _collection, message.Job, Now), "end of the job");
        Assert.Equal((JobStatus.Failed, 2), (record.Status, record.Attempt)); // There is no such document; what counts is that it was begun again.
    }

    [Fact]
    public async Task App_ModelThatCannotBeHad_IsAProblemNotAnEmptyAnswer()
    {
        await using var app = await StartAsync($"Perk:Checkpoint={new string('0', 64)}");
        using var response = await app.Client.PostAsync($"/v1/collections/{_collection}/documents", new StringContent("text"), Now);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        using var ready = await app.Client.GetAsync("/health/ready", Now);
        Assert.Equal((false, true, false), await ReadAsync<Readiness>(ready) is var r ? (r.Ready, r.Storage, r.ModelFiles) : default);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync($"/v1/collections/{_collection}/jobs/ask-a", Now)).StatusCode);
    }

    [Fact]
    public async Task App_SetToAskForTokens_LetsNobodyInWithoutOne()
    {
        await using var app = await StartAsync($"Perk:Http:Tenant={Guid.NewGuid()}", "Perk:Http:Audience=api://perk");
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Client.GetAsync($"/v1/collections/{_collection}/answers/a", Now)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/health/live", Now)).StatusCode);
    }

    [Fact]
    public async Task App_CheckpointOfTheStoreById_IsServedFromThere()
    {
        var pushed = await new ModelShelf(Objects).PlanAsync(Small.Source, TimeProvider.System.GetUtcNow(), Now);
        await pushed.SendAsync(null, Now);
        await using var app = await StartAsync($"Perk:Checkpoint={Small.Model.Id}", "Perk:SegmentTokens=64");
        using var submitted = await app.Client.PostAsync($"/v1/collections/{_collection}/documents", new StringContent(Small.Page("Nora", 1)), Now);
        Assert.Equal(JobStatus.Succeeded, (await EndedAsync(app, (await ReadAsync<SubmittedDocument>(submitted)).Location)).Status);
    }

    [Fact]
    public async Task App_StoppedWhileAFunctionRuns_GivesTheJobBackBeforeItEnds()
    {
        var app = await StartAsync();
        await using (app)
        {
            using var submitted = await app.Client.PostAsync($"/v1/collections/{_collection}/documents", new StringContent(Small.Page("Ben", 200)), Now);
            var document = await ReadAsync<SubmittedDocument>(submitted);
            await QueuesFixture.FindAsync(async () => await JobRecord.FindAsync(Objects, _collection, document.Job, Now) is { Status: JobStatus.Running } r ? r : null, "run");
            await app.StopProgramAsync();
            var record = await JobRecord.FindAsync(Objects, _collection, document.Job, Now);
            Assert.Equal((JobStatus.Queued, 0), (record!.Status, record.Attempt));
        }

        await queues.Account.Queue(Names.EncodeQueue).ClearMessagesAsync(Now);
    }

    [Fact]
    public async Task Start_SettingsThatCannotBeUsed_AreAllNamed()
    {
        var e = await Assert.ThrowsAsync<SettingsException>(() => StartAsync("Perk:Jobs:Lease=1 hour", "PerkSweepSchedule=often"));
        Assert.Contains("Perk__Jobs__Lease", e.Message);
        Assert.Contains("PerkSweepSchedule", e.Message);
    }

    private Task<RunningApp> StartAsync(params string[] settings) =>
        RunningApp.StartAsync(queues.Account, [$"PerkStorage={queues.ConnectionString}", "Perk:Device=cpu", "Perk:Questions:Wait=00:00:01", "Perk:Jobs:Lease=00:00:15", .. settings]);

    /// <summary>A queued job that has used up its tries.</summary>
    private async Task<EncodeMessage> WithoutTriesAsync(JobLedger ledger)
    {
        var document = Ids.Sha256(_collection);
        var message = new EncodeMessage { Collection = _collection, Document = document, Checkpoint = document, Job = Names.EncodeJob(document[..32]) };
        for (var n = 0; n < new JobOptions().MaxAttempts; n++)
        {
            var start = await ledger.BeginAsync(new JobMessage(Names.EncodeQueue, _collection, message.Job, 1, message.ToJson()), () => Task.FromResult(false), Now);
            await using var run = start.Run!;
            await run.GiveBackAsync("It failed.", counts: true);
        }

        return message;
    }

    private static async Task<JobView> EndedAsync(RunningApp app, string location) => await QueuesFixture.FindAsync(
        async () => await ReadAsync<JobView>(await app.Client.GetAsync(location, Now)) is { Status: not (JobStatus.Queued or JobStatus.Running) } job ? job : null, "end of the job");

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response) => JsonSerializer.Deserialize<T>(await response.Content.ReadAsStringAsync(Now), Json.Compact)!;
}
