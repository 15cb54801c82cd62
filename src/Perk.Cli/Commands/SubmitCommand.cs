using System.CommandLine;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk submit FILE…</c>: documents go into blob storage and onto the encode queue.</summary>
internal static class SubmitCommand
{
    private const string Queued = "queued";

    public static Command Create()
    {
        var (files, collection, wait, json) = (InputFiles.Argument(), StorageFlags.Collection(), StorageFlags.Wait("the results"), StorageFlags.Json());
        var storage = new StorageFlags();
        var checkpoint = new CheckpointFlags();
        var command = new Command("submit", "Upload documents and queue them for encoding") { files, collection, wait, json };
        storage.AddTo(command);
        checkpoint.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var inputs = InputFiles.Of(parsed.GetRequiredValue(files));
            var account = await storage.ConnectAsync(parsed, cancel);
            await account.EnsureQueuesAsync(cancel);
            var submission = new Submission(account, checkpoint.Source(parsed), checkpoint.Encoding(parsed), TimeProvider.System);
            var rows = new List<Row>();
            foreach (var input in inputs) rows.Add(await SubmitAsync(submission, parsed.GetRequiredValue(collection), input, cancel));
            if (parsed.GetValue(wait) is > 0 and var seconds)
                for (var i = 0; i < rows.Count; i++) rows[i] = await EndedAsync(account, rows[i], TimeSpan.FromSeconds(seconds), cancel);

            Report(new Screen(parsed.GetValue(json)), rows);
            return rows.All(r => r.Status is Queued or nameof(JobStatus.Succeeded)) ? ExitCode.Success : ExitCode.Failure;
        }, cancel));
        return command;
    }

    private static async Task<Row> SubmitAsync(Submission submission, string collection, string file, CancellationToken cancel)
    {
        try
        {
            var content = await File.ReadAllBytesAsync(file, cancel);
            return new Row(file, await submission.SendDocumentAsync(collection, content, Path.GetFileName(file), cancel), Queued, null);
        }
        catch (Exception e) when (Guarded.IsExplained(e))
        {
            return new Row(file, null, nameof(JobStatus.Failed), e.Message);
        }
    }

    private static async Task<Row> EndedAsync(StorageAccount account, Row row, TimeSpan patience, CancellationToken cancel)
    {
        if (row.Message is not { } message) return row;
        var result = await Polling.UntilAsync(() => JobResult.FindAsync(account.Objects, message.Collection, message.Job, cancel), patience, cancel);
        return result is null ? row with { Status = "not ended yet" } : row with { Status = result.Status.ToString(), Reason = result.Reason };
    }

    private static void Report(Screen screen, List<Row> rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("file", "status", "document", "adapter");
        foreach (var row in rows)
            table.AddRow(Markup.Escape(Path.GetFileName(row.File)), row.Status, row.Message?.Document ?? "", row.Adapter ?? "");
        screen.Show(table);
        foreach (var row in rows.Where(r => r.Reason is not null)) Screen.Fail($"{row.File}: {row.Reason}");
        screen.Result(rows.Select(r => new { r.File, r.Status, r.Reason, r.Message?.Document, r.Adapter, r.Message?.Job }));
    }

    private sealed record Row(string File, EncodeMessage? Message, string Status, string? Reason)
    {
        public string? Adapter => Message?.Job["encode-".Length..];
    }
}
