using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Perk.Cli.Tests.Infra;

/// <summary>The emulator behind a door that lets through only what an identity's roles allow, as Azure does; the emulator itself knows no roles.</summary>
internal sealed class GuardedAccount : IAsyncDisposable
{
    private readonly IReadOnlyList<(string On, string Role)> _grants;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private readonly List<WebApplication> _doors = [];

    private GuardedAccount(IReadOnlyList<(string On, string Role)> grants) => _grants = grants;

    /// <summary>The account through the door.</summary>
    public string ConnectionString { get; private set; } = "";

    /// <summary>What was asked for and refused.</summary>
    public ConcurrentDictionary<(string On, StorageAct Act, string Request), bool> Refused { get; } = [];

    /// <summary>What was done.</summary>
    public ConcurrentDictionary<(string On, StorageAct Act), bool> Done { get; } = [];

    /// <summary>Opens the door.</summary>
    /// <param name="connectionString">The emulator's.</param>
    /// <param name="grants">Roles by container and queue.</param>
    public static async Task<GuardedAccount> OpenAsync(string connectionString, IReadOnlyList<(string On, string Role)> grants)
    {
        var guarded = new GuardedAccount(grants);
        var parts = connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries).ToList();
        foreach (var (service, key) in new[] { ("containers", "BlobEndpoint="), ("queues", "QueueEndpoint=") })
        {
            var at = parts.FindIndex(p => p.StartsWith(key, StringComparison.Ordinal));
            var endpoint = new Uri(parts[at][key.Length..]);
            parts[at] = $"{key}{await guarded.DoorAsync(service, endpoint)}{endpoint.AbsolutePath}";
        }

        guarded.ConnectionString = string.Join(';', parts);
        return guarded;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var door in _doors) await door.DisposeAsync();
        _client.Dispose();
    }

    private async Task<string> DoorAsync(string service, Uri endpoint)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k => k.Limits.MaxRequestBodySize = null);
        var door = builder.Build();
        door.Run(context => PassAsync(service, endpoint, context));
        await door.StartAsync(TestContext.Current.CancellationToken);
        _doors.Add(door);
        return door.Urls.First();
    }

    private async Task PassAsync(string service, Uri endpoint, HttpContext context)
    {
        var request = context.Request;
        var raw = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        var (path, query) = raw.Split('?', 2) is [var p, var q] ? (p, q) : (raw, "");
        var (on, act) = AccessRules.Of(service, request.Method, path[endpoint.AbsolutePath.Length..], query);
        if (!_grants.Any(g => g.On == on && AccessRules.Allows(g.Role, act)))
        {
            Refused[(on, act, $"{request.Method} {path}")] = true;
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.Headers["x-ms-error-code"] = "AuthorizationPermissionMismatch";
            return;
        }

        Done[(on, act)] = true;
        using var passed = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(endpoint, raw));
        if (request.ContentLength is not null || request.Headers.TransferEncoding.Count > 0) passed.Content = new StreamContent(request.Body);
        foreach (var (name, values) in request.Headers.Where(h => h.Key is not ("Host" or "Connection" or "Transfer-Encoding" or "Expect")))
            if (!passed.Headers.TryAddWithoutValidation(name, values.AsEnumerable())) passed.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        using var reply = await _client.SendAsync(passed, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)reply.StatusCode;
        foreach (var (name, values) in reply.Headers.Concat(reply.Content.Headers).Where(h => h.Key is not ("Transfer-Encoding" or "Connection" or "Keep-Alive")))
            context.Response.Headers[name] = values.ToArray();
        if (request.Method != "HEAD" && context.Response.StatusCode is not (204 or 304)) await reply.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
