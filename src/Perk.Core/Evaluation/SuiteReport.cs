using System.Text.Json;
using System.Text.Json.Nodes;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Core.Evaluation;

/// <summary>What came of a suite: <c>report.json</c>.</summary>
/// <param name="Summary">In short, and compared with an earlier report.</param>
/// <param name="Reports">In full: by entry, a report a method.</param>
public sealed record SuiteReport(SuiteSummary Summary, IReadOnlyDictionary<string, IReadOnlyList<EvaluationReport>> Reports)
{
    /// <summary>Makes the report of a suite whose questions are all answered.</summary>
    /// <param name="suite">The suite's name.</param>
    /// <param name="entries">Its entries, answered.</param>
    /// <param name="checkpoint">The model.</param>
    /// <param name="date">The day.</param>
    /// <param name="created">The time.</param>
    /// <param name="earlier">What to compare with, or null.</param>
    public static SuiteReport Of(
        string suite, IReadOnlyList<AnsweredEntry> entries, Checkpoint checkpoint, DateOnly date, DateTimeOffset created, EarlierReport? earlier)
    {
        var definition = EvaluationSuite.Definition([.. entries.Select(e => e.Task)]);
        var reason = earlier is null ? "There is no earlier report of this suite."
            : earlier.Definition != definition ? $"The suite was changed after the report of {earlier.Id.Date:yyyy-MM-dd}: other questions, or asked otherwise."
            : null;
        var reports = new Dictionary<string, IReadOnlyList<EvaluationReport>>(StringComparer.Ordinal);
        var alone = new List<string>();
        foreach (var entry in entries)
        {
            var (name, task) = (entry.Task.Entry.Name, entry.Task.Task);
            var before = reason is null ? earlier!.Rows.GetValueOrDefault(name) : null;
            if (before is not null && !EvaluationSummary.ShareTwoContexts(entry.Log.Rows, before)) before = null;
            if (reason is null && before is null) alone.Add(name);
            reports[name] = EvaluationReports.Of(
                task.Task, task.Length, entry.Task.Set, entry.Log, entry.Options.Methods, checkpoint, task.BootstrapSeed, entry.Run, before, required: false);
        }

        // What has no comparison though it was asked before: it does not fit any more, or too few of its questions are the same.
        foreach (var (name, report) in reports.SelectMany(r => r.Value.Select(v => (r.Key, v))))
        {
            if (reason is null && !alone.Contains(name) && earlier!.Rows[name].Any(r => r.Method == report.Method) && Change(report) is null)
                alone.Add($"{name} {report.Method}");
        }

        if (alone.Count > 0) reason = $"Of {string.Join(", ", alone)} the report of {earlier!.Id.Date:yyyy-MM-dd} has no rows that can be compared: they are gone, of other questions, or one of the two does not fit the window.";
        return new SuiteReport(
            new SuiteSummary
            {
                Suite = suite,
                Date = date,
                Checkpoint = checkpoint.Id,
                Model = checkpoint.ModelName,
                Created = created,
                Definition = definition,
                Against = reports.Values.SelectMany(r => r).Any(r => Change(r) is not null) ? earlier!.Id : null,
                NotCompared = reason,
                Entries = [.. reports.Select(r => new EntryResults(r.Key, [.. r.Value.Select(Result)]))],
            },
            reports);
    }

    /// <summary>Writes <c>report.md</c> and, last, <c>report.json</c>.</summary>
    /// <param name="folder">The folder, which is there.</param>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "report.md"), SuiteMarkdown.Write(this));
        AtomicFile.Write(Path.Combine(folder, EarlierReport.FileName), ToJson());
    }

    /// <summary>The report as a file.</summary>
    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json.Indented);

    /// <summary>The change of a method against the earlier report.</summary>
    private static PairedDifference? Change(EvaluationReport report) => report.Comparisons.FirstOrDefault(c => c.Over == EvaluationReports.Earlier(report.Method));

    private static MethodResult Result(EvaluationReport report)
    {
        var change = Change(report);
        var knows = EvaluationMethod.Parse(report.Method) is { SeesContext: true, Swapped: false };
        return new MethodResult(report.Method, report.Questions, MarkdownReport.Own(report).ExactMatch, change, knows && change is { High: < 0 });
    }
}

/// <summary>An entry of a suite whose questions are all answered.</summary>
/// <param name="Task">The entry.</param>
/// <param name="Options">How it was asked.</param>
/// <param name="Run"><see cref="EvaluationRun.Describe"/>.</param>
/// <param name="Log">The answers.</param>
public sealed record AnsweredEntry(SuiteTask Task, EvaluatorOptions Options, JsonObject Run, EvaluationLog Log);

/// <summary>An earlier report with its rows.</summary>
/// <param name="Id">Which it is.</param>
/// <param name="Definition"><see cref="EvaluationSuite.Definition"/> of its suite.</param>
/// <param name="Rows">Its rows by entry, as far as they are still there.</param>
public sealed record EarlierReport(ReportId Id, string Definition, IReadOnlyDictionary<string, IReadOnlyList<EvaluationRow>> Rows)
{
    internal const string FileName = "report.json";

    /// <summary>Reads the folder of a suite that was run before.</summary>
    /// <param name="folder">The folder, with one for each entry in it.</param>
    /// <exception cref="IOException">It is no such folder, or a line of its rows is damaged.</exception>
    public static EarlierReport Read(string folder)
    {
        var file = Path.Combine(folder, FileName);
        if (!File.Exists(file) || ReportIndex.ParseReport(File.ReadAllBytes(file)) is not { } summary)
            throw new IOException($"Folder '{folder}' holds no {FileName} of a suite; name the --out folder of an earlier run of one.");
        var there = summary.Entries.Where(e => File.Exists(Path.Combine(folder, e.Name, EvaluationLog.RowsFile)));
        return new EarlierReport(summary.Id, summary.Definition, there.ToDictionary(e => e.Name, e => EvaluationLog.ReadRows(Path.Combine(folder, e.Name)), StringComparer.Ordinal));
    }
}
