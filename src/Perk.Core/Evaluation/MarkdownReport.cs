using System.Globalization;
using System.Text;

namespace Perk.Core.Evaluation;

/// <summary>A run's reports as a Markdown table, controls beside the methods.</summary>
public static class MarkdownReport
{
    /// <summary>The table with what is said around it.</summary>
    /// <param name="reports">The reports of one run, at least one.</param>
    public static string Write(IReadOnlyList<EvaluationReport> reports)
    {
        var first = reports[0];
        var text = new StringBuilder();
        text.Append(Line($"# {first.Task}, {Length(first)}\n\n"));
        text.Append(Line($"Base model {first.Model}, checkpoint {first.Checkpoint[..16]}; {first.Contexts} contexts of {first.ContextTokens:#,0} GPT-2 tokens "));
        text.Append(Line($"({first.ModelTokens:#,0} of the model's own) on average, {first.Questions} questions. Intervals are 95 %, over contexts.\n\n"));
        if (first.Run?["options"] is { } options) text.Append(Line($"Options: `{options.ToJsonString(Json.Compact)}`\n\n"));
        text.Append("| method | exact match | token F1 | SubEM | support P / R | s a question | s a context |\n|---|---|---|---|---|---|---|\n");
        foreach (var report in reports) Row(text, $"**{report.Method}**", Own(report), report.EncodeSeconds);
        foreach (var control in reports.SelectMany(r => r.Controls).DistinctBy(c => c.Method, StringComparer.Ordinal).Where(c => reports.All(r => r.Method != c.Method)))
            Row(text, $"control: {control.Method}{(control.Questions < first.Questions ? Line($" ({control.Questions} questions)") : "")}", control, null);
        text.Append('\n');
        foreach (var report in reports) text.Append(Verdict(report)).Append("\n\n");
        foreach (var comparison in Comparisons(reports)) text.Append("- ").Append(comparison).Append('\n');
        foreach (var (reason, count) in first.Dropped) text.Append(Line($"- left out: {count} × {reason}\n"));
        Kinds(text, reports);
        return text.ToString();
    }

    /// <summary>What a report comes to, in one sentence.</summary>
    public static string Verdict(EvaluationReport report) => report switch
    {
        { Fits: false } => Line($"{report.Method}: the prompt does not fit the model's window of {report.Window:#,0} tokens; there is no score."),
        { Margin: { } margin } => Line($"{report.Method}: {Points(margin)} over the best of the controls blind, none and swap ({margin.Over}). ")
            + (report.AboveControls ? "It is above every control." : $"Not clearly above {string.Join(", ", report.NotBeaten)}: memory of the context is not shown."),
        _ => Line($"{report.Method}: there is no control to compare with."),
    };

    /// <summary>The paired comparisons, each pair of methods once, a sentence each.</summary>
    public static IEnumerable<string> Comparisons(IReadOnlyList<EvaluationReport> reports) =>
        from report in reports.Index()
        from other in report.Item.Comparisons
        where reports.Take(report.Index).All(r => r.Method != other.Over)
        select Line($"{report.Item.Method} less {other.Over} on the same {other.Questions} questions: {Points(other)}");

    /// <summary>A score's cell: with its interval, or that the prompt does not fit.</summary>
    public static string Cell(MethodScore score) => score.Fits ? Percent(score.ExactMatch) : "does not fit";

    /// <summary>A score with its interval, in percent.</summary>
    private static string Percent(MeanInterval? score) =>
        score is null ? "–" : Line($"{100 * score.Mean:0.0} ({100 * score.Low:0.0} to {100 * score.High:0.0})");

    private static void Row(StringBuilder text, string name, MethodScore score, double? encode) => text.Append(Line(
        $"| {name} | {Cell(score)} | {Share(score.TokenF1)} | {Share(score.SubEM)} | {Share(score.SupportPrecision)} / {Share(score.SupportRecall)} | {Number(score.Seconds)} | {Number(encode)} |\n"));

    private static void Kinds(StringBuilder text, IReadOnlyList<EvaluationReport> reports)
    {
        if (reports.All(r => r.Kinds.Count < 2)) return;
        text.Append("\n| method | kind of question | answerable | questions | exact match | best control |\n|---|---|---|---|---|---|\n");
        foreach (var (report, kind) in reports.SelectMany(r => r.Kinds.Select(k => (r, k))))
        {
            var answerable = kind.Answerability switch
            {
                Tasks.Answerability.Answerable => "yes",
                Tasks.Answerability.Unanswerable => "no",
                _ => "by another document",
            };
            text.Append(Line($"| {report.Method} | {kind.Kind} | {answerable} | {kind.Questions} | {Share(kind.ExactMatch)} | {Share(kind.BestControl)} ({kind.Control}) |\n"));
        }
    }

    /// <summary>The score of a report's own method.</summary>
    public static MethodScore Own(EvaluationReport report) => new(
        report.Method, report.Questions, report.Fits,
        report is { ExactMatch: { } mean, ExactMatchLow: { } low, ExactMatchHigh: { } high } ? new MeanInterval(mean, low, high) : null,
        report.TokenF1, report.SubEM, report.SupportPrecision, report.SupportRecall, report.AnswerSeconds);

    private static string Length(EvaluationReport report) => report.Length is { } length ? Line($"{length:#,0} tokens") : "contexts of their own length";

    private static string Points(PairedDifference difference) =>
        Line($"{100 * difference.Difference:+0.0;-0.0;0.0} points ({100 * difference.Low:+0.0;-0.0;0.0} to {100 * difference.High:+0.0;-0.0;0.0})");

    private static string Share(double? share) => share is { } value ? Line($"{100 * value:0.0}") : "–";

    private static string Number(double? value) => value is { } number ? Line($"{number:0.000}") : "–";

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
