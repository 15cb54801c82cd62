using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Core.Telemetry;

namespace Perk.Cli.Tests.Serve;

/// <summary>What is told of jobs: to a collector all of it, and to nobody a secret.</summary>
public sealed class TelemetryTests(QueuesFixture queues) : IClassFixture<QueuesFixture>, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _collection = queues.UniqueCollection();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Otlp_SubmitAndServe_OneTraceOverTheQueueAndMetrics()
    {
        using var collector = new Collector();
        var settings = new Dictionary<string, string>
        {
            ["Perk__Telemetry"] = "otlp",
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        };
        _folder.Add("page.txt", Small.Document("Olga"));
        await using (var serve = PerkProcess.Start(_folder.Path, ["serve", .. Small.Flags], queues.ConnectionString, settings: settings))
        {
            var submitted = await PerkProcess.RunAsync(
                _folder.Path, ["submit", "page.txt", "--wait", "60", "--collection", _collection, .. Small.Flags], queues.ConnectionString, settings: settings);
            Assert.Equal((0, ""), (submitted.ExitCode, submitted.Errors));
            await serve.SignalAsync("TERM");
            Assert.Equal(0, (await serve.EndAsync(TimeSpan.FromSeconds(30))).ExitCode);
        }

        var job = Assert.Single(await new JobCatalog(queues.Account.Objects).ListAsync(new JobFilter(_collection), Now).ToListAsync(Now));
        var trace = Convert.FromHexString(EncodeMessage.Parse(job.Message).Traceparent!.Split('-')[1]);
        var spans = collector.Received("/v1/traces").Where(body => body.AsSpan().IndexOf(trace) >= 0).ToList();
        Assert.Contains(spans, body => Has(body, "encode send")); // the submitter's
        Assert.Contains(spans, body => Has(body, "encode process") && Has(body, "encode document") && Has(body, job.Job)); // the host's
        foreach (var metric in new[] { "perk.jobs.ended", "perk.jobs.duration", "perk.encode.tokens", "perk.encode.rate", "perk.encode.loss_fall" })
            Assert.Contains(collector.Received("/v1/metrics"), body => Has(body, metric));
        Assert.Contains(collector.Received("/v1/logs"), body => Has(body, job.Job));
        Assert.DoesNotContain(collector.Received("/v1/"), body => Has(body, "blue kite"));
    }

    [Fact]
    public async Task LogsAndSpans_AllThatGoesWrong_HoldNoTextNoQuestionAndNoKey()
    {
        const string Secret = "Xanthippe";
        using var spans = new Spans();
        string[] lines;
        await using (var host = new RunningHost(queues.Account))
        {
            var submission = new Submission(queues.Account, Small.Model, TimeProvider.System);
            var good = await submission.SendDocumentAsync(_collection, Small.Document(Secret), "page.txt", Now);
            var asked = await submission.SendQuestionsAsync(_collection, good.Document, [$"Who is {Secret}?"], Now);
            await submission.SendDocumentAsync(_collection, [.. Small.Picture, .. Encoding.UTF8.GetBytes(Secret)], "picture.txt", Now);
            await submission.SendDocumentAsync(_collection, [.. Encoding.UTF8.GetBytes(Secret), 0, 1, 2, 3, 4, 5, 0, 0, 0], "noise.txt", Now);
            foreach (var body in new[] { Secret, $$"""{"v":1,"collection":"{{Secret}}"}""", asked.ToJson().Replace("\"generation\"", $"\"{Secret}\"", StringComparison.Ordinal) })
            {
                await queues.Account.SendAsync(Names.QuestionsQueue, Encoding.UTF8.GetBytes(body), TimeSpan.Zero, Now);
                await queues.Raw(Names.EncodeQueue).SendMessageAsync(body, Now); // not even base64
            }

            await QueuesFixture.FindAsync(() => StoredAnswer.FindAsync(queues.Account.Objects, _collection, asked.Questions[0].Id, Now), "answer");
            await queues.EmptyAsync();
            lines = [.. host.Lines];
        }

        await queues.TakePoisonAsync(Names.EncodeQueue);
        string key = queues.ConnectionString.Split("AccountKey=")[1].Split(';')[0];
        Assert.Contains(lines, line => line.Contains("cannot be taken", StringComparison.Ordinal)); // There was something to tell.
        Assert.Contains(spans.Told, told => told.Contains("process", StringComparison.Ordinal));
        Assert.All(lines.Concat(spans.Told), line => Assert.DoesNotContain(Secret, line));
        Assert.All(lines.Concat(spans.Told), line => Assert.DoesNotContain(key, line));
    }

    private static bool Has(byte[] body, string text) => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    /// <summary>Everything that spans tell.</summary>
    private sealed class Spans : IDisposable
    {
        private readonly ActivityListener _listener;

        public Spans()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == Traces.Source,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = span => Told.Enqueue($"{span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects.Select(t => $"{t.Key}={t.Value}"))}"),
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public ConcurrentQueue<string> Told { get; } = new();

        public void Dispose() => _listener.Dispose();
    }

    /// <summary>An OpenTelemetry collector that keeps what it gets.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly ConcurrentQueue<(string Path, byte[] Body)> _received = new();

        public Collector()
        {
            using (var port = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
            {
                port.Start();
                Address = $"http://127.0.0.1:{((IPEndPoint)port.LocalEndpoint).Port}/";
            }

            _listener.Prefixes.Add(Address);
            _listener.Start();
            _ = TakeAsync();
        }

        public string Address { get; }

        public IReadOnlyList<byte[]> Received(string path) => [.. _received.Where(r => r.Path.StartsWith(path, StringComparison.Ordinal)).Select(r => r.Body)];

        public void Dispose() => _listener.Close();

        private async Task TakeAsync()
        {
            while (_listener.IsListening)
            {
                try
                {
                    var context = await _listener.GetContextAsync();
                    using var body = new MemoryStream();
                    await context.Request.InputStream.CopyToAsync(body, Now);
                    _received.Enqueue((context.Request.Url!.AbsolutePath, body.ToArray()));
                    context.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
                {
                    return; // closed
                }
            }
        }
    }
}
