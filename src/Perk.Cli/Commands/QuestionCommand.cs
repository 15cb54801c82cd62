using System.CommandLine;
using Perk.Cli.Terminal;
using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk question DOCUMENT "question"…</c>: questions go onto the queue, answers come as blobs.</summary>
internal static class QuestionCommand
{
    public static Command Create()
    {
        var document = new Argument<string>("DOCUMENT") { Description = "Document id (64 hexadecimal digits), or the file that was submitted" };
        var questions = new Argument<string[]>("QUESTION") { Description = "One or more questions", Arity = ArgumentArity.OneOrMore };
        var (collection, wait, json) = (StorageFlags.Collection(), StorageFlags.Wait("the answers"), StorageFlags.Json());
        var storage = new StorageFlags();
        var checkpoint = new CheckpointFlags();
        var command = new Command("question", "Queue questions to a submitted document") { document, questions, collection, wait, json };
        storage.AddTo(command);
        checkpoint.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var named = parsed.GetRequiredValue(document);
            var id = File.Exists(named) ? Ids.Sha256OfFile(named) : named;
            var account = await storage.ConnectAsync(parsed, cancel);
            await account.EnsureQueuesAsync(cancel);
            var submission = new Submission(account, checkpoint.Source(parsed), checkpoint.Encoding(parsed), TimeProvider.System);
            var message = await submission.SendQuestionsAsync(parsed.GetRequiredValue(collection), id, parsed.GetRequiredValue(questions), cancel);

            var patience = TimeSpan.FromSeconds(parsed.GetValue(wait));
            var rows = new List<Row>();
            foreach (var question in message.Questions)
                rows.Add(new Row(question, patience > TimeSpan.Zero ? await AnswerAsync(account, message.Collection, question.Id, patience, cancel) : null));
            Report(new Screen(parsed.GetValue(json)), message.Collection, rows);
            return patience == TimeSpan.Zero || rows.All(r => r.Answer is { Status: JobStatus.Succeeded }) ? ExitCode.Success : ExitCode.Failure;
        }, cancel));
        return command;
    }

    private static Task<StoredAnswer?> AnswerAsync(StorageAccount account, string collection, string id, TimeSpan patience, CancellationToken cancel) =>
        Polling.UntilAsync(() => StoredAnswer.FindAsync(account.Objects, collection, id, cancel), patience, cancel);

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
        }

        screen.Result(rows.Select(r => new { r.Question.Id, question = r.Question.Text, blob = Names.Answer(collection, r.Question.Id).ToString(), r.Answer }));
    }

    private sealed record Row(Question Question, StoredAnswer? Answer);
}
