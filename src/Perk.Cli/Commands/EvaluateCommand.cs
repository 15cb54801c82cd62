using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Perk.Cli.Terminal;
using Perk.Core;
using Perk.Core.Evaluation;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Tensors;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk evaluate --task T</c>: how much a checkpoint remembers, beside what one gets right who remembers nothing.</summary>
internal static class EvaluateCommand
{
    private static readonly EvaluatorOptions Standard = new();

    public static Command Create()
    {
        var task = new TaskFlags();
        var contexts = StandardOption.Create("--contexts", "How many contexts, 2 or more", Standard.Contexts);
        var methods = new Option<string[]>("--method")
        {
            Description = $"{string.Join(", ", EvaluationMethod.All.Select(m => m.Name))}; give it once for each",
            HelpName = "NAME",
            DefaultValueFactory = _ => [EvaluationMethod.Perk.Name],
        };
        var icr = new Option<string?>("--icr")
        {
            Description = "Folder of the adapter of method icr (default: --checkpoint's)",
            HelpName = "DIR",
        };
        var maxTokens = StandardOption.MaxTokens();
        var retrieved = StandardOption.Create("--retrieved", "Segments that bm25 and hybrid may put into the prompt", Standard.RetrievedSegments);
        var folder = new Option<string?>("--out")
        {
            Description = "Folder of report and rows; the same command goes on where an interrupted one stopped",
            HelpName = "DIR",
        };
        var suite = new Option<string?>("--suite") { Description = "JSON file of evaluations to run together, in place of --task and what goes with it; --out gets a folder for each", HelpName = "FILE" };
        var against = new Option<string?>("--against") { Description = "The --out folder of an earlier run, to compare with on the same questions", HelpName = "DIR" };
        var json = StorageFlags.Json();
        var checkpoint = new CheckpointFlags();
        var command = new Command("evaluate", "Measure what adapters remember, with controls that remember nothing") { suite, contexts, methods, icr, maxTokens, retrieved, folder, against, json };
        task.AddTo(command);
        checkpoint.AddTo(command, seeded: false, segmentUnit: false);
        command.Validators.Add(result =>
        {
            if (!task.IsNamed(result) && result.GetResult(suite) is null) result.AddError("Option '--task' is required, or '--suite'.");
        });
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            if (parsed.GetValue(suite) is { } file)
            {
                Option[] own = [contexts, methods, icr, maxTokens, retrieved];
                if ((task.Given(parsed) ?? own.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false })?.Name) is { } given)
                    throw new ArgumentException($"{given} says nothing about a suite, whose file says it; leave it out.");
                return await EvaluateSuite.RunAsync(file, parsed.GetValue(folder), parsed.GetValue(against), checkpoint, parsed, new Screen(parsed.GetValue(json)), cancel);
            }

            var options = new EvaluatorOptions
            {
                Methods = [.. parsed.GetRequiredValue(methods).Select(EvaluationMethod.Parse)],
                Contexts = parsed.GetValue(contexts),
                MaxNewTokens = parsed.GetValue(maxTokens) ?? Standard.MaxNewTokens,
                RetrievedSegments = parsed.GetValue(retrieved),
            }.Validated();
            var trainedFolder = TrainedFolder(options, parsed.GetValue(icr), checkpoint.NamedFolder(parsed));
            var earlier = parsed.GetValue(against) is { } other ? EvaluationLog.ReadRows(other) : null;
            // Where nothing is encoded no meta-parameters are needed: the folder may hold an adapter for icr alone.
            var encodes = options.Methods.Any(m => m.Adapter == AdapterUse.Encoded);
            checkpoint.Encoding(parsed, encodes); // a bad option is told before the data and the model are loaded
            var questions = task.Create(parsed);

            using var loaded = Load(checkpoint, parsed, encodes);
            if (parsed.GetValue(maxTokens) is null) options = options with { MaxNewTokens = LongestAnswer(loaded, trainedFolder) };
            var encoding = checkpoint.Fitted(parsed, loaded, encodes);
            using var trained = trainedFolder is null ? null : CheckpointFolder.ReadAdapter(trainedFolder, loaded.Model);
            var evaluator = new Evaluator(loaded, encoding, options, trained);
            var run = EvaluationRun.Describe(
                questions, options, loaded, encoding, trainedFolder is null ? null : Ids.Sha256OfFile(Path.Combine(trainedFolder, AdapterFile.WeightsName)));
            var log = parsed.GetValue(folder) is { } kept ? EvaluationLog.Open(kept, run) : EvaluationLog.InMemory();
            var set = await Task.Run(() => new EvaluationSet(questions.Task, options.Contexts, cancel), cancel);
            if (earlier is not null) RequireShared(set, earlier, parsed.GetRequiredValue(against)!);
            await EvaluationBar.ShowAsync(questions.Task.Name, bar => evaluator.Run(questions.Task, set, log, bar, cancel));

            var reports = EvaluationReports.Of(questions.Task, questions.Length, set, log, options.Methods, loaded, questions.BootstrapSeed, run, earlier);
            if (parsed.GetValue(folder) is { } to) Keep(to, reports);
            Show(new Screen(parsed.GetValue(json)), reports, options.Contexts);
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    /// <summary>The folder of the adapter of method icr; a checkpoint of PERK's is none, so it must be said where both are asked for.</summary>
    private static string? TrainedFolder(EvaluatorOptions options, string? icr, string? checkpoint)
    {
        if (options.Methods.All(m => m.Adapter != AdapterUse.Trained)) return null;
        if (icr is null && options.Methods.Any(m => m.Adapter == AdapterUse.Encoded))
            throw new ArgumentException("Method icr beside one that encodes needs an adapter of its own, trained to answer from the prompt; name its folder with --icr.");
        return icr ?? checkpoint
            ?? throw new ArgumentException("Method icr needs an adapter that was trained to answer from the prompt; name its folder with --icr or --checkpoint.");
    }

    /// <summary>As the checkpoint says that answers; an adapter of method icr may have come without settings.</summary>
    private static int LongestAnswer(Checkpoint loaded, string? trained) => trained is not null && File.Exists(Path.Combine(trained, CheckpointSettings.FileName))
        ? CheckpointSettings.Read(trained).MaxNewTokens
        : loaded.MaxNewTokens;

    private static Checkpoint Load(CheckpointFlags flags, ParseResult parsed, bool encodes)
    {
        var source = flags.Source(parsed);
        if (!encodes) source = source with { Folder = null };
        return source.Load(ComputeDevice.Select(flags.Device(parsed)), flags.Encoding(parsed, encodes).ComputeType);
    }

    /// <summary>Told before hours of work rather than after.</summary>
    private static void RequireShared(EvaluationSet set, IReadOnlyList<EvaluationRow> earlier, string folder)
    {
        var asked = earlier.Select(r => (r.Context, r.Question)).ToHashSet();
        var shared = Enumerable.Range(0, set.Contexts).Count(i => set[i] is var p && p.Questions.Any(q => asked.Contains((p.Index, q.Text))));
        if (shared < 2)
            throw new ArgumentException($"The run in '{folder}' asked other questions; --against needs one of the same task, seed, length and data.");
    }

    private static void Keep(string folder, IReadOnlyList<EvaluationReport> reports)
    {
        File.WriteAllText(Path.Combine(folder, "report.md"), MarkdownReport.Write(reports));
        File.WriteAllText(Path.Combine(folder, "report.json"), JsonSerializer.Serialize(reports, Json.Indented) + "\n");
    }

    private static void Show(Screen screen, IReadOnlyList<EvaluationReport> reports, int asked)
    {
        var first = reports[0];
        var table = new Table().Border(TableBorder.Simple).AddColumns("method", "exact match, % (95 %)", "token F1", "SubEM", "support P / R", "s a question", "s a context");
        foreach (var report in reports) Row($"[bold]{report.Method}[/]", MarkdownReport.Own(report), report.EncodeSeconds);
        foreach (var control in reports.SelectMany(r => r.Controls).DistinctBy(c => c.Method, StringComparer.Ordinal).Where(c => reports.All(r => r.Method != c.Method)))
            Row($"[dim]{control.Method}[/]{(control.Questions < first.Questions ? $" ({control.Questions} questions)" : "")}", control, null);

        screen.Say(string.Create(CultureInfo.InvariantCulture,
            $"{first.Task}: {first.Questions} questions about {first.Contexts} contexts of {first.ContextTokens:#,0} GPT-2 tokens ({first.ModelTokens:#,0} of {Markup.Escape(first.Model)}'s own)"));
        if (first.Contexts < asked) screen.Say($"The data hold no more than {first.Contexts} contexts; {asked} were asked for.");
        foreach (var (reason, count) in first.Dropped) screen.Say($"Left out: {count} × {Markup.Escape(reason)}");
        screen.Show(table);
        foreach (var report in reports) screen.Say(Markup.Escape(MarkdownReport.Verdict(report)));
        foreach (var comparison in MarkdownReport.Comparisons(reports)) screen.Say(Markup.Escape(comparison));
        foreach (var report in reports) screen.Result(report);

        void Row(string name, MethodScore score, double? encode) => table.AddRow(
            name, MarkdownReport.Cell(score), Share(score.TokenF1), Share(score.SubEM), $"{Share(score.SupportPrecision)} / {Share(score.SupportRecall)}",
            Seconds(score.Seconds), Seconds(encode));
    }

    private static string Share(double? share) => share is { } value ? (100 * value).ToString("0.0", CultureInfo.InvariantCulture) : "–";

    private static string Seconds(double? seconds) => seconds is { } value ? value.ToString("0.000", CultureInfo.InvariantCulture) : "–";
}
