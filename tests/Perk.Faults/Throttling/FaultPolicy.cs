using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Perk.Faults.Throttling;

/// <summary>A step of every request that answers 503 in the storage's place, lets replies get lost or come late, and now and then refuses all for seconds.</summary>
/// <param name="seed">Decides which.</param>
/// <param name="share">The share of requests with a fault.</param>
/// <param name="storm">How long a time of nothing but 503 lasts.</param>
/// <param name="stormEvery">The pause between two; 0 for none.</param>
internal sealed class FaultPolicy(int seed, double share, TimeSpan storm, TimeSpan stormEvery) : HttpPipelinePolicy
{
    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private int _throttled, _lost, _late;

    /// <summary>503s, replies lost, requests that came to nothing after a while.</summary>
    public (int Throttled, int Lost, int Late) Counts => (_throttled, _lost, _late);

    /// <summary>Whether it does anything.</summary>
    public bool Enabled { get; set; } = true;

    /// <inheritdoc/>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => ProcessNext(message, pipeline);

    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        switch (Draw())
        {
            case 1:
                Interlocked.Increment(ref _throttled);
                message.Response = new Busy(message.Request.ClientRequestId);
                return;
            case 2:
                await ProcessNextAsync(message, pipeline);
                Interlocked.Increment(ref _lost);
                throw new IOException("The reply was lost on the way.");
            case 3:
                Interlocked.Increment(ref _late);
                await Task.Delay(TimeSpan.FromSeconds(1), message.CancellationToken);
                throw new IOException("The request has timed out.");
            default:
                await ProcessNextAsync(message, pipeline);
                return;
        }
    }

    private int Draw()
    {
        if (!Enabled) return 0;
        var since = TimeProvider.System.GetElapsedTime(_start);
        if (stormEvery > TimeSpan.Zero && since.Ticks % (stormEvery + storm).Ticks > stormEvery.Ticks) return 1;
        lock (_lock) return _random.NextDouble() < share ? _random.Next(1, 4) : 0;
    }

    /// <summary>The answer of a storage account that is asked too much.</summary>
    private sealed class Busy(string request) : Response
    {
        public override int Status => 503;

        public override bool IsError => true; // What the transport finds out for real answers.

        public override string ReasonPhrase => "Server Busy";

        public override Stream? ContentStream { get; set; } = new MemoryStream();

        public override string ClientRequestId { get; set; } = request;

        public override void Dispose() => ContentStream?.Dispose();

        protected override bool ContainsHeader(string name) => name == "x-ms-error-code";

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => [new HttpHeader("x-ms-error-code", "ServerBusy")];

        protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value) => (value = name == "x-ms-error-code" ? "ServerBusy" : null) is not null;

        protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values) =>
            (values = name == "x-ms-error-code" ? ["ServerBusy"] : null) is not null;
    }
}
