using System.Globalization;
using System.Text;
using Perk.Core.Storage;

namespace Perk.Core.Evaluation;

/// <summary>A suite's report, and the index of reports, for people.</summary>
public static class SuiteMarkdown
{
    private const string Header = "| entry | method | questions | exact match, % (95 %) | change, points (95 %) | |\n|---|---|---|---|---|---|\n";

    /// <summary>The results at the top, each entry's report below.</summary>
    public static string Write(SuiteReport report)
    {
        var (text, summary) = (new StringBuilder(), report.Summary);
        text.Append(Line($"# {summary.Suite}, {summary.Date:yyyy-MM-dd}\n\nBase model {summary.Model}, checkpoint {summary.Checkpoint}.\n\n{Verdict(summary)}\n\n")).Append(Header);
        foreach (var (entry, result) in Results(summary)) text.Append(Line($"| {entry} | {Cells(result)} |\n"));
        foreach (var (entry, reports) in report.Reports) text.Append(Line($"\n## {entry}\n\n##")).Append(MarkdownReport.Write(reports));
        return text.ToString();
    }

    /// <summary>All reports, the newest first.</summary>
    public static string Write(ReportIndex index)
    {
        var text = new StringBuilder("# Evaluations\n\n| report | checkpoint | suite | entry | method | questions | exact match, % (95 %) | change, points (95 %) | |\n|---|---|---|---|---|---|---|---|---|\n");
        foreach (var summary in index.Reports.Reverse())
        {
            foreach (var (entry, result) in Results(summary))
            {
                text.Append(Line($"| [{summary.Date:yyyy-MM-dd}]({Names.ReportText(summary.Id).Path}) | {summary.Checkpoint[..16]} | {summary.Suite} | {entry} | {Cells(result)} |\n"));
            }
        }

        return text.ToString();
    }

    /// <summary>What the comparison came to, in a sentence or two.</summary>
    public static string Verdict(SuiteSummary summary)
    {
        var worse = summary.Regressions.Select(r => $"{r.Entry} {r.Result.Method} {Points(r.Result.Change!)}").ToArray();
        var against = summary.Against is { } earlier ? Line($"Compared with the report of {earlier.Date:yyyy-MM-dd}, checkpoint {earlier.Checkpoint[..16]}, on the same questions: ") : "Nothing is compared. ";
        return against + (summary.Against is null ? "" : worse.Length == 0 ? "nothing is worse beyond its interval. " : $"**regression** of {string.Join("; ", worse)}. ") + summary.NotCompared;
    }

    private static IEnumerable<(string Entry, MethodResult Result)> Results(SuiteSummary summary) => summary.Entries.SelectMany(e => e.Results.Select(r => (e.Name, r)));

    /// <summary>A result with its interval, in percent.</summary>
    public static string Score(MethodResult result) =>
        result.ExactMatch is { } match ? Line($"{100 * match.Mean:0.0} ({100 * match.Low:0.0} to {100 * match.High:0.0})") : "does not fit";

    /// <summary>Its change with its interval, in points.</summary>
    public static string Change(MethodResult result) => result.Change is { } change ? Points(change) : "–";

    private static string Cells(MethodResult result) =>
        Line($"{result.Method} | {result.Questions} | {Score(result)} | {Change(result)} | {(result.Regression ? "**regression**" : "")}");

    internal static string Points(PairedDifference change) =>
        Line($"{100 * change.Difference:+0.0;-0.0;0.0} ({100 * change.Low:+0.0;-0.0;0.0} to {100 * change.High:+0.0;-0.0;0.0})");

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
