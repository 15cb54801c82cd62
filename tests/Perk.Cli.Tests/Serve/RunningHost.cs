using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Perk.Cli.Serve;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Serve;

/// <summary>The local host in this process, with short time spans; it stops with this object.</summary>
internal sealed class RunningHost : IAsyncDisposable, ILogger
{
    private static readonly QueueListenerOptions Options = new()
    {
        BatchSize = 4,
        VisibilityTimeout = TimeSpan.FromSeconds(1),
        MinPollingInterval = TimeSpan.FromMilliseconds(20),
        MaxPollingInterval = TimeSpan.FromMilliseconds(100),
    };

    private static readonly HostSettings Standard = new() { QuestionWait = TimeSpan.FromSeconds(1), Jobs = new JobOptions { Lease = JobOptions.ShortestLease } };

    private readonly CancellationTokenSource _stop =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly SemaphoreSlim _gate = AcceleratorGate.Create();
    private readonly Task _running;

    public RunningHost(StorageAccount account, TimeSpan? stopTimeout = null, Func<HostSettings, HostSettings>? settings = null)
    {
        var options = Options with { StopTimeout = stopTimeout ?? Options.StopTimeout };
        var host = new LocalHost(account, Small.Model, options, _gate, this)
        {
            Settings = settings is null ? Standard : settings(Standard),
        };
        _running = host.RunAsync(_stop.Token);
    }

    /// <summary>What it told its log, exceptions with all they say.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Whether the model is in use.</summary>
    public bool Computes => _gate.CurrentCount == 0;

    /// <summary>Waits until the log has a line with a text.</summary>
    public Task<string> LoggedAsync(string text) =>
        QueuesFixture.FindAsync(
            () => Task.FromResult(Lines.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal))), $"'{text}' in the log");

    /// <summary>Stops it and waits for its end.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _gate.Dispose();
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue(formatter(state, exception) + (exception is null ? "" : $"\n{exception}"));
}
