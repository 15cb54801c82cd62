using System.Net;
using System.Net.Sockets;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Serve;

/// <summary><c>perk serve</c> as a process that is killed, interrupted or cannot work at all.</summary>
public sealed class ServeProcessTests(QueuesFixture queues) : IClassFixture<QueuesFixture>, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _collection = queues.UniqueCollection();
    private readonly Submission _submission = new(queues.Account, Small.Model, TimeProvider.System);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Serve_KilledWhileItEncodes_TheNextOneFinishes()
    {
        var sent = await _submission.SendDocumentAsync(_collection, Small.LongDocument("Lily"), "long.txt", Now);
        var asked = await _submission.SendQuestionsAsync(_collection, sent.Document, ["Who had a blue kite?"], Now);
        await using (var first = Serve("--lock", "00:00:03"))
        {
            await first.SaysAsync($"{sent.Job} begins");
            await first.KillAsync();
        }

        Assert.Null(await FindAdapterAsync(sent));
        Assert.NotEqual(0, await queues.CountAsync(Names.EncodeQueue));

        await using var second = Serve("--lock", "00:00:03", "--wait", "00:00:01");
        var result = await QueuesFixture.FindAsync(
            () => JobRecord.FindEndedAsync(queues.Account.Objects, _collection, sent.Job, Now), "result");
        Assert.Equal(JobStatus.Succeeded, result.Status);
        Assert.NotNull(await FindAdapterAsync(sent));
        var answer = await QueuesFixture.FindAsync(
            () => StoredAnswer.FindAsync(queues.Account.Objects, _collection, asked.Questions[0].Id, Now), "answer");
        Assert.Equal(JobStatus.Succeeded, answer.Status);
        await queues.EmptyAsync();
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Serve_InterruptedWhileItEncodes_EndsSoonAndReleasesTheMessage(string signal)
    {
        Signals.SkipUnlessTheyWork();
        var sent = await _submission.SendDocumentAsync(_collection, Small.LongDocument(signal), "long.txt", Now);
        await using (var serve = Serve("--lock", "00:10:00", "--retry-delay", "00:00:01"))
        {
            await serve.SaysAsync($"{sent.Job} begins");
            await serve.SignalAsync(signal);
            var result = await serve.EndAsync(TimeSpan.FromSeconds(15));
            Assert.Equal((0, ""), (result.ExitCode, result.Errors));
            Assert.Contains("is released", result.Output);
        }

        // Visible after the retry delay, not after the lock.
        var queue = queues.Account.Queue(Names.EncodeQueue);
        var message = await QueuesFixture.FindAsync(
            async () => (await queue.ReceiveMessageAsync(cancellationToken: Now)).Value, "released message");
        Assert.Equal(2, message.DequeueCount);
        await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, Now);
        Assert.Null(await FindAdapterAsync(sent));
        await queues.EmptyAsync();
    }

    [Fact]
    public async Task Serve_NothingAnswers_SaysWhatToStart()
    {
        var result = await PerkProcess.RunAsync(_folder.Path, ["serve"], Storage(ClosedPort()));
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Matches("^error: Nothing answers at http://127.0.0.1:[0-9]+/.* Start the storage emulator", result.Errors);
        Assert.InRange(result.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("UseDevelopmentStorage=perhaps", 2, "The setting PerkStorage is malformed")]
    [InlineData("", 1, "Nothing answers at http://127.0.0.1:10000/")] // an empty setting is none
    public async Task Serve_SettingThatCannotBeUsed_SaysSo(string storage, int code, string reason)
    {
        if (storage == "") Assert.SkipWhen(Taken(10000), "a storage emulator runs here");
        var result = await PerkProcess.RunAsync(_folder.Path, ["serve"], storage);
        Assert.Equal((code, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("error: ", result.Errors);
        Assert.Contains(reason, result.Errors);
    }

    [Fact]
    public async Task Serve_WithEmulator_StartsAndEndsIt()
    {
        Signals.SkipUnlessTheyWork();
        Assert.SkipWhen(Taken(10000) || Taken(10001), "the emulator's usual ports are taken");
        await using var serve = PerkProcess.Start(_folder.Path, ["serve", "--emulator", "data", .. Small.Flags]);
        await serve.SaysAsync("Listening on");
        await StorageAccount.ConnectAsync(StorageAccount.Emulator, Now);
        await serve.SignalAsync("INT");
        Assert.Equal(0, (await serve.EndAsync(TimeSpan.FromSeconds(15))).ExitCode);
        Assert.False(Taken(10000));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_folder.Path, "data")));
    }

    [Fact]
    public async Task Serve_WithHttp_TakesADocumentAndShowsItsJob()
    {
        var port = ClosedPort();
        await using var serve = Serve("--http", $"http://127.0.0.1:{port}");
        await serve.SaysAsync($"and http://127.0.0.1:{port}");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        using var submitted = await client.PostAsync($"/v1/collections/{_collection}/documents?name=ida.txt", new ByteArrayContent(Small.Document("Ida", 1)), Now);
        Assert.Equal(HttpStatusCode.Accepted, submitted.StatusCode);
        await QueuesFixture.FindAsync(
            async () => await client.GetStringAsync(submitted.Headers.Location, Now) is var job && job.Contains("\"succeeded\"", StringComparison.Ordinal) ? job : null, "success");
        await queues.EmptyAsync();
    }

    [Fact]
    public async Task Serve_HttpOpenToAnybody_IsAUsageErrorBeforeAnythingStarts()
    {
        var result = await PerkProcess.RunAsync(_folder.Path, ["serve", "--http", "http://0.0.0.0:7071"], queues.ConnectionString);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("only loopback addresses go without Perk__Http__Tenant", result.Errors);
    }

    private PerkProcess Serve(params string[] arguments) =>
        PerkProcess.Start(_folder.Path, ["serve", "--poll", "00:00:00.2", .. arguments, .. Small.Flags], queues.ConnectionString);

    private Task<AdapterManifest?> FindAdapterAsync(EncodeMessage sent) =>
        new AdapterArchive(queues.Account.Objects).FindAsync(_collection, sent.Job["encode-".Length..], Now);

    private static string Storage(int port) =>
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=AAAA;"
        + $"BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{port}/devstoreaccount1;";

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool Taken(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
