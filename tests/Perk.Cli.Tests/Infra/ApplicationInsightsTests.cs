using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Perk.Cli.Tests.Functions;
using Perk.Cli.Tests.Serve;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Infra;

/// <summary>What the app tells Application Insights, taken by a stand-in for its endpoint: the names and tags that alerts and workbook ask for.</summary>
public sealed class ApplicationInsightsTests(QueuesFixture queues) : IClassFixture<QueuesFixture>
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_OfASweep_ArriveByNameAndQueue()
    {
        var told = new ConcurrentBag<(string Name, string? Queue)>();
        await using var endpoint = await EndpointAsync(told);
        await using (var app = await RunningApp.StartAsync(queues.Account,
            [$"PerkStorage={queues.ConnectionString}", "Perk:Device=cpu", "Perk:Telemetry=azureMonitor", $"APPLICATIONINSIGHTS_CONNECTION_STRING=InstrumentationKey={Guid.NewGuid()};IngestionEndpoint={endpoint.Urls.First()}/"]))
        {
            await app.TickAsync("sweep");
        } // Its end sends what is left.

        Assert.All(Names.Queues, queue => Assert.Contains(("perk.queue.length", queue), told));
    }

    private static async Task<WebApplication> EndpointAsync(ConcurrentBag<(string Name, string? Queue)> told)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        web.MapPost("/v2.1/track", async (HttpRequest request) =>
        {
            await using var body = request.Headers.ContentEncoding == "gzip" ? new GZipStream(request.Body, CompressionMode.Decompress) : request.Body;
            using var reader = new StreamReader(body);
            var items = 0;
            while (await reader.ReadLineAsync() is { Length: > 0 } line)
            {
                items++;
                using var json = JsonDocument.Parse(line);
                var data = json.RootElement.GetProperty("data").GetProperty("baseData");
                if (!data.TryGetProperty("metrics", out var metrics)) continue;
                var queue = data.TryGetProperty("properties", out var tags) && tags.TryGetProperty("perk.queue", out var tag) ? tag.GetString() : null;
                foreach (var metric in metrics.EnumerateArray()) told.Add((metric.GetProperty("name").GetString()!, queue));
            }

            return Results.Json(new { itemsReceived = items, itemsAccepted = items, errors = Array.Empty<object>() });
        });
        await web.StartAsync(Now);
        return web;
    }
}
