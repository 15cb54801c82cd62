using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Perk.Cli.Serve;
using Perk.Cli.Tests.Serve;
using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Http;
using Perk.Core.Jobs;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Http;

/// <summary>What <c>perk serve --http</c> answers; no host works on the queues.</summary>
public sealed class HttpSurfaceTests(QueuesFixture queues) : IClassFixture<QueuesFixture>, IAsyncLifetime
{
    private static readonly string Id = new('a', 64);
    private readonly string _collection = queues.UniqueCollection();
    private readonly SemaphoreSlim _gate = AcceleratorGate.Create();
    private ServiceProvider _services = null!;
    private HttpServer _server = null!;
    private HttpClient _client = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private string Collection => $"/v1/collections/{_collection}";

    public async ValueTask InitializeAsync()
    {
        _services = new LocalHost(queues.Account, Small.Model, new QueueListenerOptions(), _gate, NullLogger.Instance).CreateServices();
        _server = await HttpServer.StartAsync(_services, "http://127.0.0.1:0", new HttpSettings(), Now);
        _client = new HttpClient { BaseAddress = new Uri(_server.Address) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _services.DisposeAsync();
        _gate.Dispose();
        foreach (var queue in Names.Queues) await queues.Account.Queue(queue).ClearMessagesAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData("POST", "documents", "", 400, "no body")]
    [InlineData("POST", "documents?name=", "text", 400, "name must be")]
    [InlineData("POST", "questions", "{", 400, "JSON object")]
    [InlineData("POST", "questions", "{\"documents\":[],\"questions\":[\"Who?\"]}", 400, "documents names none")]
    [InlineData("POST", "questions", "{\"documents\":[\"x\"],\"questions\":[\"Who?\"]}", 400, "not a document id")]
    [InlineData("POST", "questions", "{\"documents\":[\"$id\"],\"questions\":[]}", 400, "ask at least one")]
    [InlineData("POST", "questions", "{\"documents\":[\"$id\"],\"question\":[\"Who?\"]}", 400, "question")]
    [InlineData("POST", "questions", "{\"documents\":[\"$id\"],\"questions\":[\"\"]}", 400, "questions[0].text")]
    [InlineData("POST", "uploads", "{\"name\":\"a.txt\",\"sha256\":\"12\",\"bytes\":5}", 400, "sha256 must be")]
    [InlineData("POST", "uploads", "{\"name\":\"a.txt\",\"sha256\":\"$id\",\"bytes\":67108865}", 413, "Split")]
    [InlineData("POST", "uploads", "{\"name\":\"a.txt\",\"sha256\":\"$id\"}", 400, "bytes")]
    [InlineData("POST", "uploads", "{\"name\":\"../a.txt\",\"sha256\":\"$id\",\"bytes\":5}", 400, "name must have")]
    [InlineData("POST", "uploads", "{\"name\":\"a/\",\"sha256\":\"$id\",\"bytes\":5}", 400, "name must have")]
    [InlineData("PUT", "batches/none", "{\"documents\":[null]}", 400, "each must have a name")]
    [InlineData("GET", "jobs/ask-none", null, 404, "no job ask-none")]
    [InlineData("GET", "jobs/none", null, 400, "not a job id")]
    [InlineData("GET", "answers/none", null, 404, "no answer")]
    [InlineData("GET", "batches/none", null, 404, "no batch none")]
    [InlineData("PUT", "batches/none", "{\"documents\":[]}", 400, "0 entries")]
    [InlineData("DELETE", "documents/$id", null, 404, "no document")]
    [InlineData("DELETE", "documents/short", null, 400, "not a document id")]
    public async Task Request_ThatCannotBeAnswered_IsAProblemThatSaysWhatIsRight(string method, string path, string? body, int status, string says)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"{Collection}/{path.Replace("$id", Id)}");
        if (body is not null) request.Content = new StringContent(body.Replace("$id", Id), Encoding.UTF8, "application/json");
        using var response = await _client.SendAsync(request, Now);
        await IsProblemAsync(response, status, says);
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("a_b")]
    [InlineData("..%2Fdefault")]
    public async Task Request_CollectionThatIsNone_IsRefusedOnEveryRoute(string collection)
    {
        foreach (var (method, path) in new[] { ("POST", "documents"), ("POST", "uploads"), ("POST", "questions"), ("GET", "jobs/ask-a"), ("GET", "answers/a"), ("GET", "batches/a"), ("DELETE", $"documents/{Id}") })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/v1/collections/{collection}/{path}");
            if (method == "POST") request.Content = new StringContent("{\"documents\":[],\"questions\":[]}");
            using var response = await _client.SendAsync(request, Now);
            await IsProblemAsync(response, 400, "collection");
        }
    }

    [Fact]
    public async Task Submit_OverTheLimit_Is413AndNothingIsStored()
    {
        using var content = new ByteArrayContent(new byte[DocumentsApi.LongestBody + 1]);
        using var response = await _client.PostAsync($"{Collection}/documents", content, Now);
        await IsProblemAsync(response, 413, "uploads");
        Assert.Empty(await queues.Account.Objects.ListAsync(Names.Documents, _collection + "/", Now).ToListAsync(Now));
    }

    [Fact]
    public async Task Batch_PutThenGet_ShowsHowItsDocumentsStand()
    {
        using var submitted = await _client.PostAsync($"{Collection}/documents?name=lily.txt", new StringContent(Small.Page("Lily")), Now);
        var document = await ReadAsync<SubmittedDocument>(submitted);
        Assert.Equal(JobStatus.Queued, document.Status);
        var body = JsonSerializer.Serialize(new GroupedDocuments([new("lily.txt", document.Document), new("lost.txt", Id)]), Json.Compact);
        using var put = await _client.PutAsync($"{Collection}/batches/spring", new StringContent(body), Now);
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        var status = await ReadAsync<BatchStatus>(await _client.GetAsync($"{Collection}/batches/spring", Now));
        Assert.Equal([JobStatus.Queued, JobStatus.Queued], status.Documents.Select(d => d.Status));
        Assert.Contains("has not come yet", status.Documents[1].Reason);
    }

    [Fact]
    public async Task OpenApiAndHealth_AreThereWithoutAnything()
    {
        using var open = await _client.GetAsync("/openapi.json", Now);
        Assert.Equal("3.1.0", JsonDocument.Parse(await open.Content.ReadAsStringAsync(Now)).RootElement.GetProperty("openapi").GetString());
        Assert.Equal(HttpStatusCode.OK, (await _client.GetAsync("/health/live", Now)).StatusCode);
        var ready = await ReadAsync<Readiness>(await _client.GetAsync("/health/ready", Now));
        Assert.Equal((true, Small.Model.Id), (ready.Ready, ready.Checkpoint));
    }

    [Fact]
    public async Task Request_ByANameThatIsNotThisMachines_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health/live") { Headers = { Host = "attacker.example" } };
        using var response = await _client.SendAsync(request, Now);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task Request_OfAPageInABrowser_IsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Collection}/documents") { Content = new StringContent("text") };
        request.Headers.Add("Origin", "https://attacker.example");
        using var response = await _client.SendAsync(request, Now);
        await IsProblemAsync(response, 403, "browsers");
    }

    [Fact]
    public async Task Request_WhereNothingAnswers_IsAProblemToo()
    {
        using var none = await _client.GetAsync("/v2/nothing", Now);
        Assert.Equal((404, "application/problem+json"), ((int)none.StatusCode, none.Content.Headers.ContentType?.MediaType));
        using var wrong = await _client.DeleteAsync("/openapi.json", Now);
        Assert.Equal((405, "application/problem+json"), ((int)wrong.StatusCode, wrong.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task Request_WhereTheStorageIsAway_Is503WithoutItsAddress()
    {
        var away = StorageAccount.FromConnectionString(
            $"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={queues.ConnectionString.Split("AccountKey=")[1].Split(';')[0]};BlobEndpoint=http://127.0.0.1:1/devstoreaccount1;QueueEndpoint=http://127.0.0.1:1/devstoreaccount1");
        await using var services = new LocalHost(away, Small.Model, new QueueListenerOptions(), _gate, NullLogger.Instance).CreateServices();
        await using var server = await HttpServer.StartAsync(services, "http://127.0.0.1:0", new HttpSettings(), Now);
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        using var response = await client.GetAsync($"{Collection}/answers/a", Now);
        await IsProblemAsync(response, 503, "log says why");
        Assert.NotNull(response.Headers.RetryAfter);
        Assert.DoesNotContain("127.0.0.1:1", await response.Content.ReadAsStringAsync(Now));
        using var ready = await client.GetAsync("/health/ready", Now);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal((false, false, false), await ReadAsync<Readiness>(ready) is var r ? (r.Ready, r.Storage, r.ModelFiles) : default);
    }

    [Fact]
    public async Task Request_WhereTokensAreAskedFor_NeedsOneOfTheTenantForTheAudience()
    {
        using var issuer = new TokenIssuer();
        await using var services = new LocalHost(queues.Account, Small.Model, new QueueListenerOptions(), _gate, NullLogger.Instance) { Settings = new HostSettings { Http = issuer.Settings } }.CreateServices();
        await using var server = await HttpServer.StartAsync(services, "http://127.0.0.1:0", issuer.Settings, Now, issuer.Trust);
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health/live", Now)).StatusCode);
        Assert.Equal(404, await AskAsync(issuer.Token()));
        Assert.Equal(404, await AskAsync(issuer.Token(audience: $"api://{issuer.Settings.Audience}")));
        Assert.Equal(404, await AskAsync(issuer.Token(version: 1)));
        Assert.Equal(401, await AskAsync(null));
        Assert.Equal(401, await AskAsync("nonsense"));
        Assert.Equal(401, await AskAsync(issuer.Token(audience: "another")));
        Assert.Equal(401, await AskAsync(issuer.Token(tenant: Guid.NewGuid().ToString())));
        Assert.Equal(401, await AskAsync(issuer.Token(expires: -60)));
        using var stranger = new TokenIssuer();
        Assert.Equal(401, await AskAsync(stranger.Token(audience: issuer.Settings.Audience, tenant: issuer.Settings.Tenant)));

        async Task<int> AskAsync(string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{Collection}/answers/a");
            if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await client.SendAsync(request, Now);
            return (int)response.StatusCode;
        }
    }

    [Fact]
    public async Task Request_WhereARoleIsAskedFor_NeedsATokenWithItOrAScopeOfItsName()
    {
        using var issuer = new TokenIssuer();
        var settings = issuer.Settings with { Role = "Memory.Use" };
        await using var services = new LocalHost(queues.Account, Small.Model, new QueueListenerOptions(), _gate, NullLogger.Instance) { Settings = new HostSettings { Http = settings } }.CreateServices();
        await using var server = await HttpServer.StartAsync(services, "http://127.0.0.1:0", settings, Now, issuer.Trust);
        using var client = new HttpClient { BaseAddress = new Uri(server.Address) };
        foreach (var (claims, status) in new (Dictionary<string, object>, int)[]
        {
            (new() { ["roles"] = new[] { "Other", "Memory.Use" } }, 404), (new() { ["scp"] = "Other Memory.Use" }, 404), (new() { ["roles"] = new[] { "Memory.UseNot" } }, 403), ([], 403),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{Collection}/answers/a");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", issuer.Token(claims: claims));
            using var response = await client.SendAsync(request, Now);
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Theory]
    [InlineData("https://127.0.0.1:7071")]
    [InlineData("http://127.0.0.1:7071/api")]
    [InlineData("7071")]
    [InlineData("http://0.0.0.0:7071")]
    [InlineData("http://example.org:7071")]
    public void Check_AddressThatIsNoneOrOpenToAnybody_IsRefused(string address) =>
        Assert.Throws<ArgumentException>(() => HttpServer.Check(address, new HttpSettings()));

    private static async Task IsProblemAsync(HttpResponseMessage response, int status, string says)
    {
        var text = await response.Content.ReadAsStringAsync(Now);
        Assert.Equal((status, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        using var problem = JsonDocument.Parse(text);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Contains(says, problem.RootElement.GetProperty("detail").GetString());
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response) => JsonSerializer.Deserialize<T>(await response.Content.ReadAsStringAsync(Now), Json.Compact)!;
}
