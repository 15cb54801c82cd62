using System.CommandLine;
using System.Diagnostics;
using Perk.Cli.Serve;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk submit FILE…</c>: documents go into blob storage and onto the encode queue.</summary>
internal static class SubmitCommand
{
    private const string Queued = "queued";
    private const string Failed = "failed";
    private const string Succeeded = "succeeded";

    public static Command Create()
    {
        var (files, collection, wait, json) = (InputFiles.Argument(), StorageFlags.Collection(), StorageFlags.Wait("the results"), StorageFlags.Json());
        var storage = new StorageFlags();
        var checkpoint = new CheckpointFlags();
        var command = new Command(
            "submit", "Upload documents and queue them for encoding, under the model and encoding options of the host that listens")
        {
            files, collection, wait, json,
        };
        storage.AddTo(command);
        checkpoint.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var inputs = InputFiles.Of(parsed.GetRequiredValue(files));
            var account = await storage.ConnectAsync(parsed, cancel);
            await account.EnsureQueuesAsync(cancel);
            using var telemetry = new TelemetryExport(EnvironmentSettings.Read().Telemetry, "perk");
            var submission = new Submission(account, await checkpoint.ServedAsync(parsed, account, cancel), TimeProvider.System);
            var rows = new List<Row>();
            foreach (var input in inputs) rows.Add(await SubmitAsync(submission, parsed.GetRequiredValue(collection), input, cancel));
            if (parsed.GetValue(wait) is > 0 and var seconds)
            {
                var (clock, patience) = (Stopwatch.StartNew(), TimeSpan.FromSeconds(seconds));
                for (var i = 0; i < rows.Count; i++) rows[i] = await EndedAsync(account, rows[i], clock, patience, cancel);
            }

            Report(new Screen(parsed.GetValue(json)), rows);
            return rows.All(r => r.Reason is null) ? ExitCode.Success : ExitCode.Failure;
        }, cancel));
        return command;
    }

    private static async Task<Row> SubmitAsync(Submission submission, string collection, string file, CancellationToken cancel)
    {
        try
        {
            var content = await InputFiles.ReadAsync(file, cancel);
            return new Row(file, await submission.SendDocumentAsync(collection, content, Path.GetFileName(file), cancel), Queued, null);
        }
        catch (Exception e) when (Guarded.IsExplained(e))
        {
            return new Row(file, null, Failed, e.Message);
        }
    }

    private static async Task<Row> EndedAsync(
        StorageAccount account, Row row, Stopwatch clock, TimeSpan patience, CancellationToken cancel)
    {
        if (row.Message is not { } message) return row;
        var result = await Polling.UntilAsync(
            () => JobRecord.FindEndedAsync(account.Objects, message.Collection, message.Job, cancel), clock, patience, cancel);
        return result switch
        {
            null => row with { Reason = $"It has not ended after {patience.TotalSeconds:0} s. Does a host listen (perk serve)?" },
            { Status: JobStatus.Succeeded } => row with { Status = Succeeded },
            _ => row with { Status = Failed, Reason = result.Reason ?? "The host gave no reason." },
        };
    }

    private static void Report(Screen screen, List<Row> rows)
    {
        // Not a table: a document id alone takes most of a terminal's width.
        foreach (var row in rows)
        {
            screen.Say($"{Markup.Escape(row.File)}: {row.Status}");
            if (row.Message is not { } message) continue;
            screen.Say($"  document {message.Document}");
            screen.Say($"  adapter  {row.Adapter}");
        }

        foreach (var row in rows.Where(r => r.Reason is not null)) Screen.Fail($"{row.File}: {row.Reason}");
        if (rows.Find(r => r.Message is not null && r.Status != Failed) is { } good)
            screen.Say($"Ask with: perk question {Markup.Escape(good.File)} \"your question\" --wait 60");
        screen.Result(rows.Select(r => new { r.File, r.Status, r.Reason, r.Message?.Document, r.Adapter, r.Message?.Job }));
    }

    private sealed record Row(string File, EncodeMessage? Message, string Status, string? Reason)
    {
        public string? Adapter => Message is null ? null : Names.AdapterOf(Message.Job);
    }
}
