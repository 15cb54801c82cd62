using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Tests;

namespace Perk.Core.Tests.Documents;

/// <summary>Blobs that others put into the container uploads, on a real emulator.</summary>
public sealed class ArrivalsTests(AzuriteFixture azurite) : IAsyncLifetime, IDisposable
{
    private readonly string _collection = azurite.UniqueName("arrivals");
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ServedModel _model = ServedModel.From(Pipeline.Source, Pipeline.Options);
    private StorageAccount _account = null!;
    private Arrivals _arrivals = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _account = await azurite.AccountAsync();
        await _account.EnsureQueuesAsync(Now);
        await _account.Blobs.GetBlobContainerClient(Names.Uploads).CreateIfNotExistsAsync(cancellationToken: Now);
        var ledger = new JobLedger(_account.Objects, new JobOptions(), _time, "tests");
        _arrivals = new Arrivals(_account, new Submission(_account, _model, _time), ledger, _model, _time, NullLogger.Instance);
    }

    public void Dispose() => _model.Dispose();

    public async ValueTask DisposeAsync()
    {
        Dispose();
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Sweep_BlobThatLayThereForAWhile_IsSubmittedUnderItsName()
    {
        await PutAsync($"{_collection}/a b/ü.txt", Pipeline.Text);
        await _arrivals.SweepAsync(Now);
        Assert.Null(await RecordAsync(Pipeline.Text)); // Its event may still come.
        _time.Advance(TimeSpan.FromMinutes(2));
        await _arrivals.SweepAsync(Now);
        Assert.Equal(JobStatus.Queued, (await RecordAsync(Pipeline.Text))!.Status);
        Assert.Equal(["a b/ü.txt"], (await new DocumentShelf(_account.Objects).ReferencesAsync(_collection, Ids.Sha256(Pipeline.Text), Now)).Select(r => r.Name));
        Assert.Empty(await OwnAsync());
    }

    [Fact]
    public async Task Take_OtherBytesThanAnnounced_FailsTheJobAndKeepsTheBlobWithTheReason()
    {
        var path = Arrivals.PathOf(_collection, Ids.Sha256("announced"), "a.txt");
        await PutAsync(path, "another text");
        await _arrivals.TakeAsync("m", Event(path), Now);
        var record = await RecordAsync("announced");
        Assert.Equal(JobStatus.Failed, record!.Status);
        Assert.Contains($"not {Ids.Sha256("announced")} as was announced; upload them again", record.Reason);
        Assert.Equal(record.Reason, Assert.Single(await OwnAsync()).Refused);
        Assert.True(await _account.Objects.ExistsAsync(Names.DeadLetter(Names.ArrivalsQueue, Event(path)), Now));

        _time.Advance(TimeSpan.FromMinutes(2));
        await _arrivals.SweepAsync(Now); // It is left alone now.
        await PutAsync(path, "announced"); // Written anew it is tried anew.
        await _arrivals.TakeAsync("m", Event(path), Now);
        Assert.Equal((JobStatus.Queued, 2), await RecordAsync("announced") is { } again ? (again.Status, again.Generation) : default);
        Assert.Empty(await OwnAsync());
    }

    [Theory]
    [InlineData("no-collection.txt")]
    [InlineData("Not-A-Collection/a.txt")]
    public async Task Take_PathWithoutACollection_IsRefusedWithTheForm(string path)
    {
        await PutAsync(path, Pipeline.Text);
        await _arrivals.TakeAsync("m", Event(path), Now);
        Assert.Contains("uploads/COLLECTION/NAME", (await new Uploads(_account).FindAsync(path, Now))!.Refused);
        await _account.Blobs.GetBlobContainerClient(Names.Uploads).DeleteBlobAsync(path, cancellationToken: Now);
    }

    [Fact]
    public async Task Sweep_BlobWithoutAByte_IsLeftToItsWriterForAWhile()
    {
        await PutAsync($"{_collection}/begun.txt", "");
        await _arrivals.TakeAsync("m", Event($"{_collection}/begun.txt"), Now);
        _time.Advance(TimeSpan.FromMinutes(30));
        await _arrivals.SweepAsync(Now);
        Assert.Single(await OwnAsync());
        _time.Advance(TimeSpan.FromMinutes(40));
        await _arrivals.SweepAsync(Now); // Now it is taken for an empty document, whose job says so.
        Assert.Empty(await OwnAsync());
        Assert.NotNull(await RecordAsync(""));
    }

    [Fact]
    public async Task Sweep_BlobThatCannotBeTaken_DoesNotKeepTheOthers()
    {
        await PutAsync($"{_collection}/a.txt", Pipeline.Text);
        await PutAsync($"{_collection}/b.txt", Pipeline.OtherText);
        var leased = new Azure.Storage.Blobs.Specialized.BlobLeaseClient(_account.Blobs.GetBlobContainerClient(Names.Uploads).GetBlobClient($"{_collection}/a.txt"));
        await leased.AcquireAsync(TimeSpan.FromSeconds(60), cancellationToken: Now);
        _time.Advance(TimeSpan.FromMinutes(2));
        await _arrivals.SweepAsync(Now);
        Assert.NotNull(await RecordAsync(Pipeline.OtherText));
        Assert.Equal([$"{_collection}/a.txt"], (await OwnAsync()).Select(b => b.Path));
        await leased.ReleaseAsync(cancellationToken: Now);
        await _arrivals.SweepAsync(Now);
        Assert.Empty(await OwnAsync());
    }

    [Theory]
    [InlineData("a/../../other/b.txt")]
    [InlineData("a/b/.")]
    [InlineData("a//b")]
    public async Task Take_EventOfAPathThatLeadsElsewhere_IsADeadLetter(string path)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            id = "1", topic = "/subscriptions/0", subject = "s", eventType = "Microsoft.Storage.BlobCreated", eventTime = "2026-11-26T08:00:00Z", dataVersion = "", metadataVersion = "1",
            data = new { api = "PutBlob", url = $"https://abc.blob.core.windows.net/uploads/{_collection}/{Uri.EscapeDataString(path)}" },
        });
        await _arrivals.TakeAsync("m", body, Now);
        Assert.Contains("blob that cannot be", Encoding.UTF8.GetString((await _account.Objects.ReadAllBytesAsync(Names.DeadLetter(Names.ArrivalsQueue, body), Now))!));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"specversion\":\"1.0\"}")]
    public async Task Take_MessageThatIsNoEvent_IsADeadLetter(string body)
    {
        await _arrivals.TakeAsync("m", Encoding.UTF8.GetBytes(body), Now);
        var letter = await _account.Objects.ReadAllBytesAsync(Names.DeadLetter(Names.ArrivalsQueue, Encoding.UTF8.GetBytes(body)), Now);
        Assert.Contains("no event of Event Grid", Encoding.UTF8.GetString(letter!));
    }

    [Fact]
    public async Task Take_EventsOfOtherKindsOrContainers_AreLeftOut()
    {
        var path = $"{_collection}/a.txt";
        await PutAsync(path, Pipeline.OtherText);
        await _arrivals.TakeAsync("m", Event(path, container: "documents"), Now);
        await _arrivals.TakeAsync("m", Event(path, type: "Microsoft.Storage.BlobDeleted"), Now);
        Assert.Single(await OwnAsync());
        await _arrivals.TakeAsync("m", CloudEvent(path), Now);
        Assert.Empty(await OwnAsync());
        Assert.NotNull(await RecordAsync(Pipeline.OtherText));
    }

    [Fact]
    public async Task Address_OfOneBlob_WritesThereAndNowhereElse()
    {
        var uploads = new Uploads(_account);
        var now = TimeProvider.System.GetUtcNow();
        var address = await uploads.AddressAsync($"{_collection}/a.txt", now + TimeSpan.FromMinutes(5), now, Now);
        using var client = new HttpClient();
        Assert.Equal(201, await PutAsync(address));
        Assert.Equal(403, await PutAsync(new Uri(address.AbsoluteUri.Replace("/a.txt", "/b.txt"))));
        using var read = await client.GetAsync(address, Now);
        Assert.Equal(403, (int)read.StatusCode);
        var past = await uploads.AddressAsync($"{_collection}/a.txt", now - TimeSpan.FromMinutes(1), now - TimeSpan.FromHours(1), Now);
        Assert.Equal(403, await PutAsync(past));
        await _account.Blobs.GetBlobContainerClient(Names.Uploads).DeleteBlobAsync($"{_collection}/a.txt", cancellationToken: Now);

        async Task<int> PutAsync(Uri where)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, where) { Content = new StringContent("text") };
            request.Headers.Add("x-ms-blob-type", "BlockBlob");
            using var response = await client.SendAsync(request, Now);
            return (int)response.StatusCode;
        }
    }

    private Task PutAsync(string path, string text) => _account.Blobs.GetBlobContainerClient(Names.Uploads).GetBlobClient(path).UploadAsync(new BinaryData(text), overwrite: true, Now);

    private async Task<List<UploadedBlob>> OwnAsync() => [.. (await new Uploads(_account).ListAsync(Now).ToListAsync(Now)).Where(b => b.Path.StartsWith(_collection + "/", StringComparison.Ordinal))];

    private Task<JobRecord?> RecordAsync(string text) => JobRecord.FindAsync(_account.Objects, _collection, Names.EncodeJob(_model.AdapterId(_collection, Ids.Sha256(text))), Now);

    private byte[] Event(string path, string container = Names.Uploads, string type = "Microsoft.Storage.BlobCreated") => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = "1", topic = "/subscriptions/0", subject = $"/blobServices/default/containers/{container}/blobs/{path}", eventType = type, eventTime = "2026-11-26T08:00:00Z", dataVersion = "", metadataVersion = "1",
        data = new { api = "PutBlob", url = Address(container, path) },
    });

    private byte[] CloudEvent(string path) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        specversion = "1.0", id = "1", source = "/subscriptions/0", subject = path, type = "Microsoft.Storage.BlobCreated", time = "2026-11-26T08:00:00Z",
        data = new { api = "PutBlockList", url = Address(Names.Uploads, path) },
    });

    private string Address(string container, string path) => $"{_account.Blobs.GetBlobContainerClient(container).Uri}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}";
}
