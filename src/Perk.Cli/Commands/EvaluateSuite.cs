using System.CommandLine;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.MetaLearning;
using Perk.Core.Tasks;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk evaluate --suite FILE</c>: what a host does on schedule, here and now.</summary>
internal static class EvaluateSuite
{
    public static async Task<int> RunAsync(
        string file, string? folder, string? against, CheckpointFlags flags, ParseResult parsed, Screen screen, CancellationToken cancel)
    {
        var suite = EvaluationSuite.Load(file);
        var earlier = against is null ? null : EarlierReport.Read(against);
        flags.Encoding(parsed); // a bad option is told before the data and the model are loaded
        var tasks = await Task.Run(() => suite.Prepare(ShippedBooks.Folder, cancel), cancel);
        if (earlier is not null && earlier.Definition != EvaluationSuite.Definition(tasks))
            throw new ArgumentException($"The run in '{against}' was of another definition of suite {suite.Name}: other questions, or asked otherwise. Leave out --against, or name a run of this one.");
        using var loaded = flags.Load(parsed);
        var encoding = flags.Fitted(parsed, loaded);
        var answered = new List<AnsweredEntry>();
        foreach (var task in tasks) answered.Add(await AnswerAsync(task, loaded, encoding, folder, screen, cancel));

        var now = TimeProvider.System.GetUtcNow();
        var report = SuiteReport.Of(suite.Name, answered, loaded, DateOnly.FromDateTime(now.UtcDateTime), now, earlier);
        if (folder is not null) report.Write(folder);
        Show(screen, report.Summary);
        return ExitCode.Success;
    }

    private static async Task<AnsweredEntry> AnswerAsync(
        SuiteTask task, Checkpoint checkpoint, EncodingOptions encoding, string? folder, Screen screen, CancellationToken cancel)
    {
        var (name, options) = (task.Entry.Name, task.Entry.Options(checkpoint));
        var run = task.Describe(options, checkpoint, encoding);
        var log = folder is null ? EvaluationLog.InMemory() : EvaluationLog.Open(Path.Combine(folder, name), run);
        screen.Say($"{name}: {task.Set.Questions} questions about {task.Set.Contexts} contexts");
        await EvaluationBar.ShowAsync(name, bar => new Evaluator(checkpoint, encoding, options).Run(task.Task.Task, task.Set, log, bar, cancel));
        return new AnsweredEntry(task, options, run, log);
    }

    private static void Show(Screen screen, SuiteSummary summary)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("entry", "method", "questions", "exact match, % (95 %)", "change, points (95 %)", "");
        foreach (var (entry, result) in summary.Entries.SelectMany(e => e.Results.Select(r => (e.Name, r))))
            table.AddRow(entry, result.Method, $"{result.Questions}", SuiteMarkdown.Score(result), SuiteMarkdown.Change(result), result.Regression ? "[red]regression[/]" : "");
        screen.Show(table);
        screen.Say(Markup.Escape(SuiteMarkdown.Verdict(summary).Replace("**", "", StringComparison.Ordinal)));
        screen.Result(summary);
    }
}
