using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.MetaLearning;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Core.Telemetry;
using Perk.Core.Tests.Documents;

namespace Perk.Core.Tests.Evaluation;

/// <summary>The job on the real small model, over a folder.</summary>
public sealed class EvaluationJobTests : IDisposable
{
    private static readonly string Checkpoint = Pipeline.Checkpoint.Id;
    private static readonly DateOnly Monday = new(2026, 11, 23);
    private static readonly ReportId First = new(Monday, Checkpoint, SmallSuite.Name);
    private static readonly ReportId Second = First with { Date = Monday.AddDays(1) };

    private readonly SmallSuite _suite = new();
    private readonly TemporaryFolder _folder = new();
    private readonly TickingTime _time = new();
    private readonly SemaphoreSlim _gate = AcceleratorGate.Create();
    private readonly List<string> _warnings = [];
    private readonly DirectoryStore _store;
    private int _loads;

    public EvaluationJobTests() => _store = new DirectoryStore(_folder.Path);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _suite.Dispose();
        _folder.Dispose();
        _gate.Dispose();
    }

    [Fact]
    public async Task Run_ASuite_LeavesRowsReportAndIndex()
    {
        var summary = await Job().RunAsync(First, null, Now);
        Assert.Equal(["girls perk 6", "keys bm25 2", "keys none 2"], summary.Entries.SelectMany(e => e.Results.Select(r => $"{e.Name} {r.Method} {r.Questions}")));
        Assert.Equal((null, "There is no earlier report of this suite."), (summary.Against, summary.NotCompared));
        Assert.Empty(summary.Regressions);

        var folder = $"2026-11-23/{Checkpoint}/small";
        string[] expected =
        [
            $"{folder}/girls/contexts/000000.json", $"{folder}/girls/contexts/000001.json", $"{folder}/girls/contexts/000002.json", $"{folder}/girls/run.json",
            $"{folder}/keys/contexts/000000.json", $"{folder}/keys/contexts/000001.json", $"{folder}/keys/run.json", $"{folder}/report.json", $"{folder}/report.md", "index.json", "index.md",
        ];
        Assert.Equal(expected, await _store.ListAsync(Names.Reports, "", Now).ToArrayAsync(Now));
        Assert.Equal(summary.Id, Assert.Single((await ReportIndex.ReadAsync(_store, Now)).Reports).Id);
        Assert.Contains($"| [2026-11-23]({folder}/report.md) | {Checkpoint[..16]} | small | girls | perk | 6 |", await TextAsync(Names.ReportIndexText), StringComparison.Ordinal);
        var report = await TextAsync(Names.ReportText(First));
        Assert.StartsWith("# small, 2026-11-23", report, StringComparison.Ordinal);
        Assert.Contains("| girls | perk | 6 |", report, StringComparison.Ordinal);
        Assert.Contains("control: swap", report, StringComparison.Ordinal);
        Assert.Empty(_warnings);

        // It is there: nothing is loaded for it again.
        await Job().RunAsync(First, null, Now);
        Assert.Equal(1, _loads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Run_KilledAndGoneOnWithElsewhere_AsksNothingAgain(int at)
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Job().RunAsync(First, p => StopAt(p.Step), stop.Token));
        Assert.Equal(1, _gate.CurrentCount);
        var kept = await ContextsAsync();
        Assert.Equal(at - 1, kept.Count);
        Assert.Null(await new StoredReport(_store, First).FindAsync(Now));

        var steps = new HashSet<int>();
        var summary = await Job().RunAsync(First, p => steps.Add(p.Step), Now);
        Assert.Equal(Enumerable.Range(at, 6 - at), steps.Order());
        var all = await ContextsAsync();
        Assert.Equal(5, all.Count);
        Assert.All(kept, context => Assert.Equal(context.Value, all[context.Key])); // Times too: it was not written again.
        Assert.Equal(6, summary.Entries[0].Results[0].Questions);

        void StopAt(int step)
        {
            if (step == at) stop.Cancel();
        }
    }

    [Fact]
    public async Task Work_HostStopsAndMessageComesAgain_GoesOnInTheSameReportAndEnds()
    {
        var ledger = new JobLedger(_store, new JobOptions(), _time, "tests");
        var message = Message(First);
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DeliverAsync(ledger, message, stop, stop.Token));
        Assert.Equal((JobStatus.Queued, 0), await StateAsync());
        var kept = Assert.Single(await ContextsAsync());

        _time.Skip(TimeSpan.FromDays(1)); // It comes again after midnight.
        var outcome = await DeliverAsync(ledger, message, null, Now);
        Assert.Equal((JobOutcomeKind.Ended, JobStatus.Succeeded), (outcome.Kind, outcome.Record!.Status));
        Assert.Equal((5, 5), (outcome.Record.Progress!.Step, outcome.Record.Progress.Steps));
        Assert.Equal(kept.Value, (await ContextsAsync())[kept.Key]);
        Assert.True(await Job().IsDoneAsync(message, Now));
        Assert.False(await Job().IsDoneAsync(Message(Second), Now));
        Assert.Equal(JobOutcomeKind.Dropped, (await DeliverAsync(ledger, message, null, Now)).Kind);

        async Task<(JobStatus, int)> StateAsync() => await JobRecord.FindAsync(_store, message.Collection, message.Job, Now) is { } r ? (r.Status, r.Attempt) : default;
    }

    [Fact]
    public async Task Run_SomebodyElseWantsTheAccelerator_GetsItBetweenContexts()
    {
        Task? other = null;
        var job = Job().RunAsync(First, _ => other ??= _gate.WaitAsync(Now), Now);
        while (other is null) await Task.Delay(10, Now);
        await other.WaitAsync(TimeSpan.FromSeconds(20), Now);
        await Task.Delay(200, Now);
        Assert.False(job.IsCompleted);
        Assert.Empty(await ContextsAsync()); // The first step wrote the other document only.
        _gate.Release();
        await job;
    }

    [Fact]
    public async Task Run_EarlierRowsWereRight_MarksTheRegressionEverywhere()
    {
        await Job().RunAsync(First, null, Now);
        await SmallSuite.RewriteAsync(_store, First, "girls", "perk", (_, _) => true);
        await SmallSuite.RewriteAsync(_store, First, "keys", "none", (_, _) => true); // Who knows nothing of the context can lose no memory of it.
        using var measured = new Measured();
        var summary = await Job().RunAsync(Second, null, Now);

        var (entry, result) = Assert.Single(summary.Regressions);
        Assert.Equal(("girls", "perk", First), (entry, result.Method, summary.Against));
        Assert.True(result.Change is { High: < 0, Questions: 6 });
        Assert.True(summary.Entries[1].Results[1] is { Method: "none", Change.High: < 0, Regression: false });
        Assert.Null(summary.NotCompared);
        Assert.Equal(result, Assert.Single((await new StoredReport(_store, Second).FindAsync(Now))!.Regressions).Result);
        Assert.Contains("\"regression\": true", await TextAsync(Names.Report(Second)), StringComparison.Ordinal);
        Assert.Contains("**regression** of girls perk -100.0", await TextAsync(Names.ReportText(Second)), StringComparison.Ordinal);
        Assert.Contains("**regression**", await TextAsync(Names.ReportIndexText), StringComparison.Ordinal);
        var warning = Assert.Single(_warnings);
        Assert.Contains("Suite small: regression of girls, perk: -100.0", warning, StringComparison.Ordinal);
        Assert.Contains("the report of 2026-11-23", warning, StringComparison.Ordinal);
        Assert.Equal(["perk.evaluation.exact_match girls perk 0", "perk.evaluation.regressions girls perk 1"], measured.Of("girls"));
    }

    [Fact]
    public async Task Run_ARegressionBesideWhatCannotBeCompared_IsMarkedAndTheOtherNamed()
    {
        await Job().RunAsync(First, null, Now);
        await SmallSuite.RewriteAsync(_store, First, "girls", "perk", (_, _) => true);
        foreach (var (name, json) in (await ContextsAsync()).Where(k => k.Key.Contains("/keys/", StringComparison.Ordinal)))
            await _store.WriteAsync(new ObjectName(Names.Reports, name), System.Text.Encoding.UTF8.GetBytes(json.Replace("\"fits\": true", "\"fits\": false", StringComparison.Ordinal)), Now);
        var summary = await Job().RunAsync(Second, null, Now);
        Assert.Equal(("girls", First), (Assert.Single(summary.Regressions).Entry, summary.Against));
        Assert.StartsWith("Of keys bm25, keys none the report of 2026-11-23 has no rows that can be compared", summary.NotCompared, StringComparison.Ordinal);
        Assert.True(await Job().IsDoneAsync(Message(Second), Now));
        Assert.Single(_warnings);
    }

    [Fact]
    public async Task Run_TheDayBeforeHasNoRowsAnyMore_ComparesWithTheOneBeforeThat()
    {
        await Job().RunAsync(First, null, Now);
        var between = First with { Date = Monday.AddDays(1) };
        await Job().RunAsync(between, null, Now);
        foreach (var name in (await ContextsAsync()).Keys.Where(k => k.Contains("2026-11-24", StringComparison.Ordinal))) await _store.DeleteAsync(new ObjectName(Names.Reports, name), Now);
        Assert.Equal(First, (await Job().RunAsync(First with { Date = Monday.AddDays(2) }, null, Now)).Against);
    }

    [Fact]
    public async Task Run_EarlierRowsWithinTheInterval_MarksNothing()
    {
        await Job().RunAsync(First, null, Now);
        await SmallSuite.RewriteAsync(_store, First, "girls", "perk", (context, number) => (context, number) == (0, 0)); // Right once in one of three contexts.
        var summary = await Job().RunAsync(Second, null, Now);
        Assert.True(summary.Entries[0].Results[0].Change is { Difference: < 0, High: >= 0 });
        Assert.Equal(First, summary.Against);
        Assert.Empty(summary.Regressions);
        Assert.Empty(_warnings);
    }

    [Fact]
    public async Task Run_TheSuiteWasChanged_ComparesNothingAndSaysSo()
    {
        await Job().RunAsync(First, null, Now);
        await SmallSuite.RewriteAsync(_store, First, "girls", "perk", (_, _) => true);
        _suite.Write(contexts: 2);
        var summary = await Job().RunAsync(Second, null, Now);
        Assert.Null(summary.Against);
        Assert.StartsWith("The suite was changed after the report of 2026-11-23", summary.NotCompared, StringComparison.Ordinal);
        Assert.All(summary.Entries.SelectMany(e => e.Results), r => Assert.Null(r.Change));
        Assert.Contains("Nothing is compared. The suite was changed", await TextAsync(Names.ReportText(Second)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_EarlierRowsAreGone_ComparesTheOthersAndSaysSo()
    {
        await Job().RunAsync(First, null, Now);
        foreach (var name in (await ContextsAsync()).Keys.Where(k => k.Contains("/girls/", StringComparison.Ordinal))) await _store.DeleteAsync(new ObjectName(Names.Reports, name), Now);
        var summary = await Job().RunAsync(Second, null, Now);
        Assert.Equal((First, "Of girls the report of 2026-11-23 has no rows that can be compared: they are gone, of other questions, or one of the two does not fit the window."), (summary.Against, summary.NotCompared));
        Assert.Equal([false, true, true], summary.Entries.SelectMany(e => e.Results.Select(r => r.Change is not null)));
    }

    [Fact]
    public async Task Run_RowsOfAnotherRunAreThere_AreAskedAgain()
    {
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Job().RunAsync(First, p => Stop(stop, p.Step == 3), stop.Token));
        Assert.Equal(2, (await ContextsAsync()).Count);
        var steps = new HashSet<int>();
        await Job(Pipeline.Options with { Segmenter = new SegmenterOptions { MaxTokens = 40 } }).RunAsync(First, p => steps.Add(p.Step), Now);
        Assert.Equal([1, 2, 3, 4, 5], steps.Order());
    }

    [Fact]
    public async Task Run_KilledBetweenReportAndIndex_AddsTheRow()
    {
        await Job().RunAsync(First, null, Now);
        await Job().RunAsync(Second, null, Now);
        var known = await ReportIndex.ReadAsync(_store, Now);
        await _store.WriteAsync(Names.ReportIndex, (known with { Reports = [known.Reports[0]] }).ToJson(), Now);
        Assert.False(await Job().IsDoneAsync(Message(Second), Now));
        await Job().RunAsync(Second, null, Now);
        Assert.True(await Job().IsDoneAsync(Message(Second), Now));
        Assert.Equal(2, _loads);

        // Where there is no index at all, none that is made up in passing counts.
        await _store.DeleteAsync(Names.ReportIndex, Now);
        Assert.False(await Job().IsDoneAsync(Message(Second), Now));
        await Job().RunAsync(Second, null, Now);
        Assert.True(await _store.ExistsAsync(Names.ReportIndex, Now));
        Assert.True(await Job().IsDoneAsync(Message(First), Now));

        // A damaged one is made again from the reports.
        await _store.WriteAsync(Names.ReportIndex, "{\"schema\":1,\"reports\":[null]}"u8.ToArray(), Now);
        Assert.Equal([First, Second], (await ReportIndex.ReadAsync(_store, Now)).Reports.Select(r => r.Id));
    }

    [Fact]
    public async Task Work_AnotherCheckpointOrNoSuchSuite_FailsWithWhatToDo()
    {
        var ledger = new JobLedger(_store, new JobOptions(), _time, "tests");
        var other = await DeliverAsync(ledger, Message(First with { Checkpoint = new string('a', 64) }), null, Now);
        Assert.Equal((JobOutcomeKind.Wait, JobStatus.Queued), (other.Kind, other.Record!.Status)); // Another host may serve it, or this one soon.
        Assert.Contains($"this host serves {Checkpoint}", other.Record.Reason, StringComparison.Ordinal);
        _time.Skip(TimeSpan.FromHours(2));
        other = await DeliverAsync(ledger, Message(First with { Checkpoint = new string('a', 64) }), null, Now);
        Assert.Equal(JobStatus.Failed, other.Record!.Status);
        var unknown = await DeliverAsync(ledger, Message(First with { Suite = "weekly" }), null, Now);
        Assert.Equal(JobStatus.Failed, unknown.Record!.Status);
        Assert.Contains("there is no suite 'weekly' here (there are small)", unknown.Record.Reason, StringComparison.Ordinal);
        Assert.Equal(0, _loads);
    }

    private static EvaluateMessage Message(ReportId id) => new()
    {
        Collection = Names.DefaultCollection, Suite = id.Suite, Checkpoint = id.Checkpoint, Date = id.Date, Job = Names.EvaluateJob(id.Suite),
    };

    private static void Stop(CancellationTokenSource? stop, bool now)
    {
        if (now) stop?.Cancel();
    }

    /// <summary>A fresh job, as a host has that knows nothing of the one before.</summary>
    private EvaluationJob Job(EncodingOptions? encoding = null) => new(
        _store,
        new ServedModel(ModelIdentity.Of(Pipeline.Source), encoding ?? Pipeline.Options, _ =>
        {
            _loads++;
            return Task.FromResult(new LoadedModel(Pipeline.Checkpoint, encoding ?? Pipeline.Options, Owned: false));
        }),
        _gate, _suite.Files, _time, new Told(_warnings));

    /// <summary>Delivers a message to a fresh job; with a source, the host stops once a context is kept.</summary>
    private Task<JobOutcome> DeliverAsync(JobLedger ledger, EvaluateMessage message, CancellationTokenSource? stop, CancellationToken cancel)
    {
        var job = Job();
        var body = message.ToJson();
        return new JobHost(ledger, NullLogger.Instance).RunAsync(
            new JobMessage(Names.EvaluateQueue, message.Collection, message.Job, message.Generation, body), () => job.IsDoneAsync(message, Now),
            async run =>
            {
                var work = job.WorkAsync(EvaluateMessage.Parse(body), run);
                while (stop is not null && !work.IsCompleted)
                {
                    if ((await ContextsAsync()).Count > 0) await stop.CancelAsync();
                    await Task.Delay(5, Now);
                }

                return await work;
            },
            EvaluationJob.IsFatal, cancel);
    }

    private async Task<Dictionary<string, string>> ContextsAsync()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var path in _store.ListAsync(Names.Reports, "", Now))
            if (path.Contains("/contexts/", StringComparison.Ordinal)) found[path] = await TextAsync(new ObjectName(Names.Reports, path));
        return found;
    }

    private async Task<byte[]> BytesAsync(ObjectName name) => (await _store.ReadAllBytesAsync(name, Now))!;

    private async Task<string> TextAsync(ObjectName name) => Encoding.UTF8.GetString(await BytesAsync(name));

    /// <summary>Keeps warnings.</summary>
    private sealed class Told(List<string> warnings) : ILogger
    {
        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning) warnings.Add(formatter(state, exception));
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }

    /// <summary>What is measured of evaluations while it listens.</summary>
    private sealed class Measured : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<(string Entry, string Text)> _seen = [];

        public Measured()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == Instruments.Meter && instrument.Name.StartsWith("perk.evaluation.", StringComparison.Ordinal)) listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
            _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
            _listener.Start();
        }

        public IEnumerable<string> Of(string entry) => _seen.Where(s => s.Entry == entry).Select(s => s.Text);

        public void Dispose() => _listener.Dispose();

        private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            Assert.Equal(["perk.suite", "perk.entry", "perk.method"], tags.ToArray().Select(t => t.Key));
            _seen.Add(($"{tags[1].Value}", $"{instrument.Name} {tags[1].Value} {tags[2].Value} {value}"));
        }
    }
}
