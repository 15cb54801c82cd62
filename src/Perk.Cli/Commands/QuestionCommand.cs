using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Perk.Cli.Serve;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk question DOCUMENT "question"…</c>: questions go onto the queue, answers come as blobs.</summary>
internal static class QuestionCommand
{
    public static Command Create()
    {
        var document = PlainArgument.One("DOCUMENT", "Document id (64 hexadecimal digits), or the file that was submitted");
        var questions = PlainArgument.OneOrMore("QUESTION", "One or more questions");
        var (collection, wait, json) = (StorageFlags.Collection(), StorageFlags.Wait("the answers"), StorageFlags.Json());
        var also = new Option<string[]>("--also")
        {
            Description = "Ask this document too, by id or file; give it once for each. Each answers, and the surest answer stands first", HelpName = "DOCUMENT",
        };
        var deadline = new Option<TimeSpan?>("--deadline") { Description = "Questions fail that have no answer after so long, such as 00:10:00", HelpName = "SPAN" };
        var storage = new StorageFlags();
        var checkpoint = new CheckpointFlags();
        var command = new Command(
            "question", "Queue questions to a submitted document, under the model and encoding options of the host that listens")
        {
            document, questions, also, deadline, collection, wait, json,
        };
        storage.AddTo(command);
        checkpoint.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            string[] ids = [.. (parsed.GetValue(also) ?? []).Prepend(parsed.GetRequiredValue(document)).Select(InputFiles.DocumentId)];
            DateTimeOffset? until = parsed.GetValue(deadline) is { } span ? TimeProvider.System.GetUtcNow() + span : null;
            var account = await storage.ConnectAsync(parsed, cancel);
            await account.EnsureQueuesAsync(cancel);
            using var telemetry = new TelemetryExport(EnvironmentSettings.Read().Telemetry, "perk");
            var submission = new Submission(account, await checkpoint.ServedAsync(parsed, account, cancel), TimeProvider.System);
            var message = await submission.SendQuestionsAsync(parsed.GetRequiredValue(collection), ids, parsed.GetRequiredValue(questions), until, cancel);

            var patience = TimeSpan.FromSeconds(parsed.GetValue(wait));
            var clock = Stopwatch.StartNew();
            var rows = new List<Row>();
            foreach (var question in message.Questions)
            {
                var waits = patience > TimeSpan.Zero;
                rows.Add(new Row(question, waits ? await AnswerAsync(account, message.Collection, question.Id, clock, patience, cancel) : null));
            }

            Report(new Screen(parsed.GetValue(json)), message.Collection, rows);
            return patience == TimeSpan.Zero || rows.All(r => r.Answer is { Status: JobStatus.Succeeded }) ? ExitCode.Success : ExitCode.Failure;
        }, cancel));
        return command;
    }

    private static Task<StoredAnswer?> AnswerAsync(
        StorageAccount account, string collection, string id, Stopwatch clock, TimeSpan patience, CancellationToken cancel) =>
        Polling.UntilAsync(() => StoredAnswer.FindAsync(account.Objects, collection, id, cancel), clock, patience, cancel);

    private static void Report(Screen screen, string collection, List<Row> rows)
    {
        foreach (var (question, answer) in rows)
        {
            screen.Say($"[bold]{Markup.Escape(question.Text)}[/]");
            screen.Say(answer switch
            {
                null => $"  no answer yet; it will be {Names.Answer(collection, question.Id)}",
                { Status: JobStatus.Succeeded } => $"  {Markup.Escape(answer.Answer ?? "")}",
                _ => $"  [red]{answer.Status}[/]: {Markup.Escape(answer.Reason ?? "")}",
            });
            foreach (var each in answer?.Documents ?? [])
                screen.Say(Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"    {Screen.Id(each.Document ?? "")} {each.Score:0.00}  {each.Answer ?? each.Reason}")));
        }

        screen.Result(rows.Select(r => new { r.Question.Id, question = r.Question.Text, blob = Names.Answer(collection, r.Question.Id).ToString(), r.Answer }));
    }

    private sealed record Row(Question Question, StoredAnswer? Answer);
}
