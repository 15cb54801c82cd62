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

/// <summary><c>perk batch submit | show</c>: many documents at once, with one status.</summary>
internal static class BatchCommand
{
    /// <summary>Documents sent side by side; each is in memory meanwhile.</summary>
    private const int AtOnce = 4;

    public static Command Create() => new("batch", "Many documents at once, with one status") { Submit(), Show() };

    private static Command Submit()
    {
        var name = PlainArgument.One("NAME", "The batch's name; submitted again, what is done is skipped");
        var inputs = PlainArgument.OneOrMore("INPUT", "Text files, folders of them, or manifests: .jsonl files with a line {\"file\": …, \"name\": …} for each document");
        var (collection, wait, json) = (StorageFlags.Collection(), StorageFlags.Wait("the results"), StorageFlags.Json());
        var (storage, checkpoint) = (new StorageFlags(), new CheckpointFlags());
        var command = new Command("submit", "Upload documents and queue them as a batch") { name, inputs, collection, wait, json };
        storage.AddTo(command);
        checkpoint.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var (batchName, where) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(collection));
            Names.Batch(where, batchName); // A name that is none is refused before anything is uploaded.
            var documents = BatchManifest.Of(parsed.GetRequiredValue(inputs));
            var account = await storage.ConnectAsync(parsed, cancel);
            await account.EnsureQueuesAsync(cancel);
            using var telemetry = new TelemetryExport(EnvironmentSettings.Read().Telemetry, "perk");
            var submission = new Submission(account, await checkpoint.ServedAsync(parsed, account, cancel), TimeProvider.System);
            var rows = new BatchDocument?[documents.Count];
            var earlier = await Batch.FindAsync(account.Objects, where, batchName, cancel);
            var sending = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
            try
            {
                await CountBar.ShowAsync("submitting", documents.Count, done => Parallel.ForEachAsync(documents.Index(), sending, async (document, stop) =>
                {
                    rows[document.Index] = await SendAsync(submission, where, document.Item, stop);
                    done();
                }));
            }
            finally
            {
                // Interrupted, it holds what was submitted so far; the same command goes on with the rest.
                if (rows.Any(r => r is not null)) await Submitted().SaveAsync(account.Objects, CancellationToken.None);
            }

            var batch = Submitted();
            return await ReportAsync(account, batch, parsed.GetValue(wait), new Screen(parsed.GetValue(json)), cancel);

            // What an interruption kept from being submitted again stands as it stood before.
            Batch Submitted()
            {
                var sent = rows.OfType<BatchDocument>().ToList();
                var names = sent.Select(r => r.Name).ToHashSet(StringComparer.Ordinal);
                var kept = sent.Count == documents.Count ? [] : earlier?.Documents.Where(d => !names.Contains(d.Name)) ?? [];
                return new Batch(1, batchName, where, TimeProvider.System.GetUtcNow(), [.. sent, .. kept]);
            }
        }, cancel));
        return command;
    }

    private static Command Show()
    {
        var name = PlainArgument.One("NAME", "The batch's name");
        var (collection, wait, json, storage) = (StorageFlags.Collection(), StorageFlags.Wait("the results"), StorageFlags.Json(), new StorageFlags());
        var command = new Command("show", "Show how the documents of a batch stand") { name, collection, wait, json };
        storage.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var account = await storage.ConnectAsync(parsed, cancel);
            var batch = await Batch.FindAsync(account.Objects, parsed.GetRequiredValue(collection), parsed.GetRequiredValue(name), cancel)
                ?? throw new ArgumentException($"There is no batch '{parsed.GetRequiredValue(name)}' in collection {parsed.GetRequiredValue(collection)}.");
            return await ReportAsync(account, batch, parsed.GetValue(wait), new Screen(parsed.GetValue(json)), cancel);
        }, cancel));
        return command;
    }

    private static async Task<BatchDocument> SendAsync(Submission submission, string collection, BatchManifest.Line document, CancellationToken cancel)
    {
        try
        {
            var message = await submission.SendDocumentAsync(collection, await InputFiles.ReadAsync(document.File, cancel), document.Name, cancel);
            return new BatchDocument(document.Name, message.Document, message.Job, null);
        }
        catch (Exception e) when (Guarded.IsExplained(e) || StorageFaults.Explain(e) is not null)
        {
            return new BatchDocument(document.Name, null, null, StorageFaults.Explain(e) ?? e.Message);
        }
    }

    /// <summary>Waits if told to, then shows counts and what went wrong; a failure where a document has failed.</summary>
    private static async Task<int> ReportAsync(StorageAccount account, Batch batch, int wait, Screen screen, CancellationToken cancel)
    {
        var status = await batch.StatusAsync(account.Objects, cancel);
        var ended = wait == 0 ? null : await Polling.UntilAsync(
            async () => (status = await batch.StatusAsync(account.Objects, cancel)).HasEnded ? status : null, Stopwatch.StartNew(), TimeSpan.FromSeconds(wait), cancel);
        screen.Say(Markup.Escape(string.Create(CultureInfo.InvariantCulture,
            $"{status.Name}: {status.Documents.Count} documents, {string.Join(", ", status.Counts.Select(c => $"{c.Value} {JobsCommand.Word(c.Key)}"))}")));
        foreach (var row in status.Documents.Where(r => r.Status is not (JobStatus.Queued or JobStatus.Running or JobStatus.Succeeded)))
            Screen.Fail($"{row.Name}: {JobsCommand.Word(row.Status)}: {row.Reason}");
        if (wait > 0 && ended is null) Screen.Fail($"The batch has not ended after {wait} s. Does a host listen (perk serve)?");
        screen.Result(status);
        return status.Documents.All(d => d.Status is JobStatus.Succeeded || (wait == 0 && d.Status is JobStatus.Queued or JobStatus.Running)) ? ExitCode.Success : ExitCode.Failure;
    }
}
