using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Perk.Cli.Serve;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Settings;
using Perk.Core.Storage;
using Perk.Faults.Crashes;

namespace Perk.Faults.Throttling;

/// <summary>A host whose storage throttles, loses replies and goes away for seconds.</summary>
/// <param name="options">How much of it.</param>
internal sealed class StorageFaultRun(StorageFaultOptions options)
{
    /// <summary>Runs it.</summary>
    /// <param name="tell">Told what happens.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<StorageFaultReport> RunAsync(Action<string> tell, CancellationToken cancel)
    {
        var policy = new FaultPolicy(options.Seed, options.Share, options.Storm, options.StormEvery) { Enabled = false };
        await using var world = await World.StartAsync(inMemory: true, policy, cancel);
        byte[][] documents = [.. Enumerable.Range(0, options.Documents).Select(i => Crashes.Documents.Draw(options.Seed, i, (10, 60)))];
        var reference = await Reference.EncodeAsync(documents, Path.Combine(world.Folder, "reference"), cancel);
        var questions = await SubmittedWork.SubmitAsync(world.Untouched, documents, cancel);
        tell($"{documents.Length} documents and {questions.Count} questions are submitted.");

        var clock = Stopwatch.StartNew();
        using var model = ServedModel.From(World.Source, World.Encoding, "cpu");
        using var gate = AcceleratorGate.Create();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var log = new Told();
        var listen = new QueueListenerOptions
        {
            MaxDequeueCount = 100, VisibilityTimeout = TimeSpan.FromSeconds(1), LockDuration = TimeSpan.FromSeconds(15), MaxPollingInterval = TimeSpan.FromSeconds(1),
        };
        var settings = new HostSettings
        {
            QuestionWait = TimeSpan.FromSeconds(1), SweepSchedule = "*/5 * * * * *",
            Jobs = new JobOptions { Lease = JobOptions.ShortestLease, StaleAfter = TimeSpan.FromSeconds(20), ResendAfter = TimeSpan.FromSeconds(30) },
        };
        var host = new LocalHost(world.Account, model, listen, gate, log) { Settings = settings }.RunAsync(stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(1), cancel);
        policy.Enabled = true; // A host that cannot reach its storage when it starts says so and ends; this is about one that listens.
        while (!host.IsCompleted && clock.Elapsed < options.TimeLimit && !await SubmittedWork.HasEndedAsync(world.Untouched, documents.Length * 2, cancel)) await Task.Delay(500, cancel);
        await SubmittedWork.EmptyAsync(world.Untouched, cancel);
        policy.Enabled = false;
        await stop.CancelAsync();
        await host.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        List<string> faults = [.. await Verification.CheckAsync(world.Untouched, reference, questions, cancel)];
        var key = world.ConnectionString.Split("AccountKey=")[1].Split(';')[0];
        if (log.Lines.Any(line => line.Contains(key, StringComparison.Ordinal))) faults.Add("the log holds the account's key");
        var jobs = await new JobCatalog(world.Untouched.Objects).ListAsync(new JobFilter(World.Collection), cancel).ToListAsync(cancel);
        return new StorageFaultReport(
            documents.Length, questions.Count, policy.Counts.Throttled, policy.Counts.Lost, policy.Counts.Late, jobs.Sum(j => j.Attempt), clock.Elapsed.TotalSeconds, faults);
    }

    private sealed class Told : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");
    }
}

/// <summary>How a run with storage faults goes.</summary>
/// <param name="Documents">Documents, each with two questions; all messages come twice.</param>
/// <param name="Share">The share of requests with a fault.</param>
/// <param name="Storm">How long the storage answers nothing but 503.</param>
/// <param name="StormEvery">The pause between two such times; 0 for none.</param>
/// <param name="Seed">Decides the rest.</param>
/// <param name="TimeLimit">When it gives up.</param>
internal sealed record StorageFaultOptions(int Documents, double Share, TimeSpan Storm, TimeSpan StormEvery, int Seed, TimeSpan TimeLimit);

/// <summary>What a run with storage faults came to.</summary>
/// <param name="Documents">Documents.</param>
/// <param name="Questions">Questions.</param>
/// <param name="Throttled">Requests answered with 503.</param>
/// <param name="Lost">Requests that were done and whose replies were lost.</param>
/// <param name="Late">Requests that came to nothing after a second.</param>
/// <param name="Tries">Tries begun, all jobs together.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Faults">What does not hold at the end.</param>
internal sealed record StorageFaultReport(int Documents, int Questions, int Throttled, int Lost, int Late, int Tries, double Seconds, IReadOnlyList<string> Faults);
