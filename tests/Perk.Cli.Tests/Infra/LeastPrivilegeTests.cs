using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Perk.Cli.Tests.Functions;
using Perk.Cli.Tests.Serve;
using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Http;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Infra;

/// <summary>Three apps, one of each role, each with the storage access that the infrastructure gives it and no more: they do all their work, and use what they were given.</summary>
public sealed class LeastPrivilegeTests(QueuesFixture queues) : IClassFixture<QueuesFixture>
{
    /// <summary>What is given and not used here, and why.</summary>
    private static readonly (string Role, string On, StorageAct Act)[] Unused =
    [
        ("api", "storageAccounts", StorageAct.Delegate), // the emulator's addresses are signed with its key
        ("api", "containers/models", StorageAct.Read), ("encode", "containers/models", StorageAct.Read), ("answer", "containers/models", StorageAct.Read), // the model is the one that ships
        ("encode", "queues/encode-poison", StorageAct.Send), ("encode", "queues/evaluate-poison", StorageAct.Send), ("answer", "queues/questions-poison", StorageAct.Send), // the host's, after the last try
    ];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Roles_WithWhatTheyAreGiven_DoAllTheirWork()
    {
        await using var world = await WorldAsync();
        var (api, collection) = (world.Apps["api"], queues.UniqueCollection());

        // Submitted, encoded, asked, answered.
        using var submitted = await api.Client.PostAsync($"/v1/collections/{collection}/documents?name=lily.txt", new StringContent(Small.Page("Lily", 1)), Now);
        var document = await ReadAsync<SubmittedDocument>(submitted);
        Assert.Equal(JobStatus.Succeeded, (await EndedAsync(api, document.Location)).Status);
        using var asked = await api.Client.PostAsJsonAsync($"/v1/collections/{collection}/questions", new AskedQuestions([document.Document], ["Who had a blue kite?"]), Json.Compact, Now);
        var questions = await ReadAsync<SubmittedQuestions>(asked);
        Assert.Equal(JobStatus.Succeeded, (await EndedAsync(api, questions.Location)).Status);
        Assert.Equal(JobStatus.Succeeded, (await ReadAsync<StoredAnswer>(await api.Client.GetAsync(questions.Questions[0].Answer, Now))).Status);
        using var batch = await api.Client.PutAsJsonAsync($"/v1/collections/{collection}/batches/spring", new GroupedDocuments([new GroupedDocument("lily.txt", document.Document)]), Json.Compact, Now);
        Assert.True(batch.IsSuccessStatusCode);

        // Dropped into uploads by somebody else.
        var blob = queues.Account.Blobs.GetBlobContainerClient(Names.Uploads).GetBlobClient($"{collection}/anna.txt");
        await blob.UploadAsync(new BinaryData(Small.Document("Anna", 1)), Now);
        await queues.Account.SendAsync(Names.ArrivalsQueue, Events.Created(blob.Uri), TimeSpan.Zero, Now);
        await QueuesFixture.FindAsync(async () => await blob.ExistsAsync(Now) ? null : "", "end of the upload");

        // Sweep and evaluation by timer; a message of each queue that nobody can read, and one that became poison.
        await api.TickAsync("scheduled-evaluation");
        await QueuesFixture.FindAsync(() => JobRecord.FindEndedAsync(queues.Account.Objects, Names.DefaultCollection, Names.EvaluateJob("small"), Now), "end of the evaluation");
        foreach (var queue in Names.Queues)
        {
            var (malformed, poison) = (Encoding.UTF8.GetBytes($"nonsense for {queue}"), Encoding.UTF8.GetBytes($"poison of {queue}"));
            await queues.Account.SendAsync(queue, malformed, TimeSpan.Zero, Now);
            await queues.Account.SendAsync(Names.PoisonOf(queue), poison, TimeSpan.Zero, Now);
            await QueuesFixture.FindAsync(async () => await queues.Account.Objects.ExistsAsync(Names.DeadLetter(queue, malformed), Now) ? "" : null, $"dead letter of {queue}");
            await QueuesFixture.FindAsync(async () => await queues.Account.Objects.ExistsAsync(Names.DeadLetter(queue, poison), Now) ? "" : null, $"dead letter of {queue}'s poison");
        }

        await api.TickAsync("scheduled-evaluation"); // It looks whether the day's report is there.
        await api.TickAsync("sweep");
        using var deleted = await api.Client.DeleteAsync($"/v1/collections/{collection}/documents/{document.Document}", Now);
        Assert.Equal([document.Adapter], (await ReadAsync<RemovalReport>(deleted)).Adapters);
        foreach (var app in world.Apps.Values) Assert.True((await ReadAsync<Readiness>(await app.Client.GetAsync("/health/ready", Now))).Ready);
        Assert.Empty(world.Accounts.SelectMany(a => a.Value.Refused.Keys.Select(r => $"{a.Key}: {r}")));
        Assert.Empty(from role in world.Accounts.Keys
                     from grant in world.Grants[role]
                     let needs = Narrowest(grant.Role)
                     where !world.Accounts[role].Done.Keys.Any(d => d.On == grant.On && needs.Contains(d.Act)) && !Unused.Any(u => (u.Role, u.On) == (role, grant.On) && needs.Contains(u.Act))
                     select $"{role} has {grant.Role} on {grant.On} and does not use it");
    }

    [Fact]
    public async Task Answers_ToTheEncodingRole_AreOutOfReach()
    {
        await using var guarded = await GuardedAccount.OpenAsync(queues.ConnectionString, (await Bicep.PredictAsync("encode")).Grants);
        await queues.Account.Objects.WriteAsync(Names.Answer("default", "q"), "{}"u8.ToArray(), Now);
        await Assert.ThrowsAnyAsync<Exception>(() => StorageAccount.FromConnectionString(guarded.ConnectionString).Objects.ReadAllBytesAsync(Names.Answer("default", "q"), Now));
        Assert.Equal([("containers/answers", StorageAct.Read)], guarded.Refused.Keys.Select(r => (r.On, r.Act)));
    }

    [Fact]
    public async Task Operator_WithWhatIsGiven_WorksWithPerk()
    {
        foreach (var container in Names.Containers) await queues.Account.Blobs.GetBlobContainerClient(container).CreateIfNotExistsAsync(cancellationToken: Now);
        var main = await Bicep.PredictAsync("main");
        var operators = main.Of("Microsoft.Authorization/roleAssignments").Zip(main.Grants)
            .Where(a => a.First.GetProperty("properties").GetProperty("principalId").GetString() == Bicep.AzdEnvironment["AZURE_PRINCIPAL_ID"]).Select(a => a.Second).ToList();
        await using var guarded = await GuardedAccount.OpenAsync(queues.ConnectionString, operators);
        using var folder = new TestFolder();
        folder.Add("letters/may.txt", Small.Document("May", 1));
        folder.Add("diary.txt", Small.Document("Lily", 2));
        foreach (var command in new string[][]
        {
            ["model", "push"], ["model", "list"], ["submit", "diary.txt"], ["batch", "submit", "spring", "letters"], ["batch", "show", "spring"], ["question", "diary.txt", "Who had a kite?"],
            ["jobs", "list"], ["documents", "list"], ["jobs", "cancel", "ask-"], ["documents", "delete", "diary.txt"], ["jobs", "purge", "--older-than", "1.00:00:00"],
        })
        {
            var ran = await PerkProcess.RunAsync(folder.Path, command, guarded.ConnectionString);
            Assert.True(ran.ExitCode == 0, $"perk {string.Join(' ', command)}: {ran.Output}{ran.Errors}");
        }

        Assert.Empty(guarded.Refused.Keys);
        foreach (var queue in Names.Queues) await queues.Account.Queue(queue).ClearMessagesAsync(Now);
    }

    /// <summary>What only this role allows: what a narrower one would do for need not be given so widely.</summary>
    private static StorageAct[] Narrowest(string role) => role switch
    {
        AccessRules.BlobContributor => [StorageAct.Write],
        AccessRules.QueueContributor => [StorageAct.Write, StorageAct.Process],
        AccessRules.QueueSender => [StorageAct.Send],
        AccessRules.BlobDelegator => [StorageAct.Delegate],
        _ => [StorageAct.Read],
    };

    private async Task<World> WorldAsync()
    {
        var world = new World();
        foreach (var container in Names.Containers) await queues.Account.Blobs.GetBlobContainerClient(container).CreateIfNotExistsAsync(cancellationToken: Now); // The infrastructure makes them.
        foreach (var role in new[] { "api", "encode", "answer" })
        {
            world.Grants[role] = (await Bicep.PredictAsync(role)).Grants;
            var guarded = world.Accounts[role] = await GuardedAccount.OpenAsync(queues.ConnectionString, world.Grants[role]);
            world.Apps[role] = await RunningApp.StartRoleAsync(
                role, StorageAccount.FromConnectionString(guarded.ConnectionString),
                [$"PerkStorage={guarded.ConnectionString}", "Perk:Device=cpu", "Perk:Questions:Wait=00:00:01", "Perk:Jobs:Lease=00:00:15", "Perk:Evaluation:Suite=small"]);
        }

        return world;
    }

    private static async Task<JobView> EndedAsync(RunningApp app, string location) => await QueuesFixture.FindAsync(
        async () => await ReadAsync<JobView>(await app.Client.GetAsync(location, Now)) is { Status: not (JobStatus.Queued or JobStatus.Running) } job ? job : null, "end of the job");

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response) => JsonSerializer.Deserialize<T>(await response.Content.ReadAsStringAsync(Now), Json.Compact)!;

    private sealed class World : IAsyncDisposable
    {
        public Dictionary<string, IReadOnlyList<(string On, string Role)>> Grants { get; } = [];

        public Dictionary<string, GuardedAccount> Accounts { get; } = [];

        public Dictionary<string, RunningApp> Apps { get; } = [];

        public async ValueTask DisposeAsync()
        {
            foreach (var app in Apps.Values) await app.DisposeAsync();
            foreach (var account in Accounts.Values) await account.DisposeAsync();
        }
    }
}
