using System.Net;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Perk.Core.Http;
using Perk.Core.Settings;

namespace Perk.Cli.Serve;

/// <summary>The HTTP surface on this machine.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    /// <summary>Where it answers unless told otherwise: where Functions Core Tools do.</summary>
    public const string StandardAddress = "http://127.0.0.1:7071";

    private readonly WebApplication _app;

    private HttpServer(WebApplication app) => _app = app;

    /// <summary>Where it answers.</summary>
    public string Address => _app.Urls.First();

    /// <summary>Refuses an address that cannot be used, or would let anybody in.</summary>
    /// <exception cref="ArgumentException">It is one.</exception>
    public static Uri Check(string? address, HttpSettings settings)
    {
        if (!Uri.TryCreate(address ?? StandardAddress, UriKind.Absolute, out var uri) || uri.Scheme != Uri.UriSchemeHttp || uri.PathAndQuery != "/"
            || (uri.HostNameType == UriHostNameType.Dns && !uri.IsLoopback))
        {
            throw new ArgumentException($"--http is '{address}'; it must be the address of this machine's, such as {StandardAddress} (put TLS before it where it is needed).");
        }

        if (!uri.IsLoopback && !settings.RequiresToken)
            throw new ArgumentException($"--http {address} would let in whoever reaches it: only loopback addresses go without {HttpSettings.TenantKey} and {HttpSettings.AudienceKey}.");
        return uri;
    }

    /// <summary>Begins to answer.</summary>
    /// <param name="services">The host's parts.</param>
    /// <param name="address">Where; null for the standard.</param>
    /// <param name="settings">Who may come in.</param>
    /// <param name="cancel">Cancels.</param>
    /// <param name="tokens">Changes how tokens are checked; null for Entra's published keys.</param>
    /// <exception cref="IOException">The address is in use.</exception>
    public static async Task<HttpServer> StartAsync(IServiceProvider services, string? address, HttpSettings settings, CancellationToken cancel, Action<JwtBearerOptions>? tokens = null)
    {
        var uri = Check(address, settings);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddPerkTokens(settings);
        if (tokens is not null) builder.Services.Configure(JwtBearerDefaults.AuthenticationScheme, tokens);
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = DocumentsApi.LongestBody + 1; // Over the limit by one: the answer is the surface's own.
            kestrel.Listen(uri.HostNameType == UriHostNameType.Dns ? IPAddress.Loopback : IPAddress.Parse(uri.Host.Trim('[', ']')), uri.Port);
        });

        // A page in somebody's browser must not reach it, neither by a name that leads to this machine nor by its address.
        if (uri.IsLoopback) builder.Services.Configure<HostFilteringOptions>(filter => filter.AllowedHosts = ["127.0.0.1", "localhost", "[::1]", uri.Host]);
        var app = builder.Build();
        app.UseStatusCodePages(context => Results.Problem(statusCode: context.HttpContext.Response.StatusCode).ExecuteAsync(context.HttpContext));
        if (uri.IsLoopback) app.UseHostFiltering();
        app.Use((context, next) => context.Request.Headers.Origin.Count == 0
            ? next(context)
            : Results.Problem("Pages in browsers are not answered here.", context.Request.Path, 403).ExecuteAsync(context));
        app.MapPerk(services);
        try
        {
            await app.StartAsync(cancel);
            return new HttpServer(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
