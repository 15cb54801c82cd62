using Microsoft.Extensions.Logging;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Perk.Core.Tasks;
using Perk.Core.Telemetry;
using Perk.Core.Tensors;

namespace Perk.Core.Evaluation;

/// <summary>
/// A suite of evaluations becomes a report in the store, once. What is answered is kept after each context, so that another try, here or elsewhere, goes on
/// from there; the accelerator is free between contexts.
/// </summary>
/// <param name="store">Reports.</param>
/// <param name="served">What the host serves; loaded only where the report is not there.</param>
/// <param name="accelerator">Held while numerics run, for one context at a time.</param>
/// <param name="files">Where suites and books are.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of reports and regressions.</param>
public sealed class EvaluationJob(
    IObjectStore store, ServedModel served, SemaphoreSlim accelerator, EvaluationFiles files, TimeProvider time, ILogger logger)
{
    /// <summary>How many earlier reports are looked at for one with rows.</summary>
    private const int MostEarlier = 10;

    /// <summary>How long a message waits for a host with its checkpoint.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>The work of a message, for <see cref="JobHost"/>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="run">Told of contexts and questions; its token is checked before each micro-batch.</param>
    public async Task<JobEnd> WorkAsync(EvaluateMessage message, JobRun run)
    {
        if (message.Checkpoint != served.Id)
        {
            // Hosts are replaced one after the other; the one that queued it may be further than this one.
            var reason = $"The message asks for checkpoint {message.Checkpoint}; this host serves {served.Id} ({served.Name}).";
            return run.Record.Queued + Patience > time.GetUtcNow() ? new JobEnd(JobStatus.Queued, $"{reason} It waits for a host that serves the other.")
                : JobEnd.Failure(FaultKind.Options, $"{reason} Start a host with the other and replay the job, or wait for the next day's.");
        }

        await RunAsync(message.Report, run.Report, run.Kept, run.Computes, run.Stopping);
        return JobEnd.Success;
    }

    /// <summary>Whether a success that is recorded holds: the report and its row of the index are there.</summary>
    public Task<bool> IsDoneAsync(EvaluateMessage message, CancellationToken cancel) => IsDoneAsync(store, message.Report, cancel);

    /// <summary>Whether trying again cannot help.</summary>
    public static bool IsFatal(Exception e) => e is TaskDataException or InnerLoopDivergedException or ModelFileException;

    /// <summary>Makes a report, unless it is there already.</summary>
    /// <param name="id">Which.</param>
    /// <param name="progress">Told after each micro-batch; may be null.</param>
    /// <param name="cancel">Checked before each micro-batch; what is answered by then stays.</param>
    /// <exception cref="TaskDataException">There is no such suite, or it cannot be asked; the message says why.</exception>
    /// <exception cref="InnerLoopDivergedException">A context cannot be written with the checkpoint's step sizes.</exception>
    /// <exception cref="ModelUnavailableException">The checkpoint cannot be loaded here.</exception>
    /// <exception cref="OperationCanceledException"/>
    public Task<SuiteSummary> RunAsync(ReportId id, Action<JobProgress>? progress, CancellationToken cancel) => RunAsync(id, progress, () => { }, null, cancel);

    private async Task<SuiteSummary> RunAsync(ReportId id, Action<JobProgress>? progress, Action kept, Action? computes, CancellationToken cancel)
    {
        var stored = new StoredReport(store, id);
        var summary = await stored.FindAsync(cancel);
        if (summary is null)
        {
            using var span = Traces.Begin("evaluate suite");
            var report = await MakeAsync(id, stored, progress, kept, computes, cancel);
            await stored.SaveAsync(report, cancel);
            summary = report.Summary;
        }
        else if (await ReportIndex.HoldsAsync(store, id, cancel))
        {
            return summary;
        }

        // An earlier try may have been killed between report and index: the index tells whether this was done.
        Tell(summary);
        await ReportIndex.AddAsync(store, summary, time, cancel);
        return summary;
    }

    /// <summary>Whether a report and its row of the index are there.</summary>
    internal static async Task<bool> IsDoneAsync(IObjectStore store, ReportId id, CancellationToken cancel) =>
        await new StoredReport(store, id).FindAsync(cancel) is not null && await ReportIndex.HoldsAsync(store, id, cancel);

    private async Task<SuiteReport> MakeAsync(ReportId id, StoredReport stored, Action<JobProgress>? progress, Action kept, Action? computes, CancellationToken cancel)
    {
        var suite = EvaluationSuite.Find(files.Suites, id.Suite);
        var tasks = await Task.Run(() => suite.Prepare(files.Books, cancel), cancel);
        var model = await served.LoadAsync(cancel);
        if (model.Checkpoint.Id != id.Checkpoint) throw new InvalidOperationException($"Checkpoint {model.Checkpoint.Id} was loaded where {id.Checkpoint} was asked for.");
        MallocArenas.UseOne();
        var noted = new Noted(tasks, progress);
        var answered = new List<AnsweredEntry>();
        foreach (var task in tasks)
        {
            answered.Add(await AnswerAsync(task, model, stored, noted, kept, computes, cancel));
            noted.EntryDone();
        }

        return SuiteReport.Of(suite.Name, answered, model.Checkpoint, id.Date, time.GetUtcNow(), await EarlierAsync(id, cancel));
    }

    private async Task<AnsweredEntry> AnswerAsync(SuiteTask task, LoadedModel model, StoredReport stored, Noted noted, Action kept, Action? computes, CancellationToken cancel)
    {
        var (entry, options) = (task.Entry.Name, task.Entry.Options(model.Checkpoint));
        var run = task.Describe(options, model.Checkpoint, model.Encoding);
        var log = await stored.OpenAsync(entry, run, cancel);
        using var steps = new Evaluator(model.Checkpoint, model.Encoding, options).Begin(task.Task.Task, task.Set, log, noted);
        while (!steps.Done)
        {
            if (!await accelerator.RunAsync(computes, () => steps.Next(cancel), cancel)) continue;
            var context = log.Contexts[^1];
            await stored.AddAsync(entry, context, log.Rows.Where(r => r.Context == context.Context), CancellationToken.None); // A moment's work.
            kept();
            MallocArenas.JobDone();
        }

        return new AnsweredEntry(task, options, run, log);
    }

    /// <summary>The latest earlier report whose rows are still there; where there is none, the latest, which then says so.</summary>
    private async Task<EarlierReport?> EarlierAsync(ReportId id, CancellationToken cancel)
    {
        EarlierReport? latest = null;
        foreach (var before in (await ReportIndex.ReadAsync(store, cancel)).Before(id).Take(MostEarlier))
        {
            var rows = new Dictionary<string, IReadOnlyList<EvaluationRow>>(StringComparer.Ordinal);
            foreach (var entry in before.Entries) rows[entry.Name] = await new StoredReport(store, before.Id).RowsAsync(entry.Name, cancel);
            var earlier = new EarlierReport(before.Id, before.Definition, rows);
            latest ??= earlier;
            if (rows.Values.Any(r => r.Count > 0)) return earlier;
        }

        return latest;
    }

    private void Tell(SuiteSummary summary)
    {
        EvaluationTold.Reported(logger, summary.Suite, Names.ReportText(summary.Id).ToString(), summary.Entries.Count);
        foreach (var (entry, result) in summary.Entries.SelectMany(e => e.Results.Select(r => (e.Name, r))))
        {
            var tags = Instruments.Evaluated(summary.Suite, entry, result.Method);
            if (result.ExactMatch is { } match) Instruments.ExactMatch.Record(match.Mean, tags);
            if (!result.Regression) continue;
            Instruments.Regressions.Add(1, tags);
            EvaluationTold.Worse(logger, summary.Suite, entry, result.Method, SuiteMarkdown.Points(result.Change!), summary.Against!.Date, Names.ReportText(summary.Id).ToString());
        }
    }

    /// <summary>Progress over all entries.</summary>
    private sealed class Noted(IReadOnlyList<SuiteTask> tasks, Action<JobProgress>? progress) : IProgress<EvaluationProgress>
    {
        private readonly (int Contexts, int Questions) _all = (tasks.Sum(t => t.Set.Contexts), tasks.Sum(t => t.Set.Questions));
        private int _entry;
        private int _contexts;
        private int _questions;

        public void EntryDone()
        {
            _contexts += tasks[_entry].Set.Contexts;
            _questions += tasks[_entry].Set.Questions;
            _entry++;
        }

        public void Report(EvaluationProgress value) => progress?.Invoke(new JobProgress(
            _contexts + value.Context + 1, _all.Contexts, _questions + (long)tasks[_entry].Set.Questions * value.Context / value.Contexts, _all.Questions, value.Encoding?.Loss));
    }
}
