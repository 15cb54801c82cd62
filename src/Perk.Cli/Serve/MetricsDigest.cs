using System.Diagnostics.Metrics;
using System.Globalization;
using Perk.Core.Storage;
using Perk.Core.Telemetry;

namespace Perk.Cli.Serve;

/// <summary>What was counted since the start, in a line for the console.</summary>
internal sealed class MetricsDigest : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, long> _sums = new(StringComparer.Ordinal);

    public MetricsDigest()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Instruments.Meter && instrument is Counter<long>) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        _listener.Start();
    }

    /// <summary>The line; null where nothing happened and nothing waits.</summary>
    public string? Line(IReadOnlyList<QueueState> queues)
    {
        lock (_lock)
        {
            string[] parts =
            [
                .. queues.Where(q => q.Length > 0).Select(q => string.Create(CultureInfo.InvariantCulture, $"{q.Queue} has {q.Length} messages, the oldest for {q.Age:d\\.hh\\:mm\\:ss}")),
                .. _sums.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key} {s.Value}")),
            ];
            return parts.Length == 0 ? null : string.Join("; ", parts);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(string name, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags) name += $" {tag.Value}";
        lock (_lock) _sums[name] = _sums.GetValueOrDefault(name) + value;
    }
}
