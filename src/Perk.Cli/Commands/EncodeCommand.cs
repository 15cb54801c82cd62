using System.CommandLine;
using System.Globalization;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk encode FILE…</c>: documents become adapters in a plain folder, without a server.</summary>
internal static class EncodeCommand
{
    private const string AlreadyThere = "already there";

    public static Command Create()
    {
        var (files, store, collection, json) = (InputFiles.Argument(), StorageFlags.Store(), StorageFlags.Collection(), StorageFlags.Json());
        var checkpoint = new CheckpointFlags();
        var command = new Command("encode", "Write text files into adapters, kept in a plain folder (no server needed)") { files, store, collection, json };
        checkpoint.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var kept = parsed.GetRequiredValue(store);
            var inputs = InputFiles.Of(parsed.GetRequiredValue(files), except: kept);
            checkpoint.Encoding(parsed); // a bad option is told before the model is loaded
            using var model = checkpoint.Served(parsed);
            await model.LoadAsync(cancel); // and a model that cannot be loaded before the documents are
            using var gate = AcceleratorGate.Create();
            var folder = new DirectoryStore(kept);
            var job = new EncodeJob(folder, model, gate, TimeProvider.System);
            var rows = await EncodeProgressBars.ShowAsync(bars => EncodeAllAsync(inputs, parsed.GetRequiredValue(collection), folder, job, bars, cancel));
            Report(new Screen(parsed.GetValue(json)), rows);
            return rows.All(r => r.Error is null) ? ExitCode.Success : ExitCode.Failure;
        }, cancel));
        return command;
    }

    private static async Task<List<Row>> EncodeAllAsync(
        IReadOnlyList<string> inputs, string collection, DirectoryStore store, EncodeJob job, EncodeProgressBars bars, CancellationToken cancel)
    {
        var shelf = new DocumentShelf(store);
        var rows = new List<Row>();
        foreach (var input in inputs)
        {
            var name = Path.GetFileName(input);
            var bar = bars.Add(name);
            try
            {
                var content = await InputFiles.ReadAsync(input, cancel);
                var document = await shelf.AddAsync(collection, content, name, TimeProvider.System.GetUtcNow(), cancel);
                var outcome = await job.RunAsync(collection, document, bar, cancel);
                if (outcome.AlreadyThere) bar.End(AlreadyThere, whole: true);
                rows.Add(new Row(input, outcome.Manifest, outcome.AlreadyThere, null));
            }
            catch (Exception e) when (Guarded.IsExplained(e))
            {
                bar.End("failed", whole: false);
                rows.Add(new Row(input, null, false, e.Message));
            }
        }

        return rows;
    }

    private static void Report(Screen screen, List<Row> rows)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("file", "encoding", "tokens").AddColumn("loss, first → last step", c => c.NoWrap())
            .AddColumn("seconds").AddColumn("adapter", c => c.NoWrap());
        foreach (var row in rows.Where(r => r.Manifest is not null))
        {
            var manifest = row.Manifest!;
            table.AddRow(
                Markup.Escape(Path.GetFileName(row.File)), manifest.TextEncoding, Number($"{manifest.Tokens:#,0}"),
                Number($"{manifest.Losses[0]:0.000} → {manifest.Losses[^1]:0.000}"),
                row.AlreadyThere ? AlreadyThere : Number($"{manifest.EncodeSeconds:0.0}"), Screen.Id(manifest.Adapter));
        }

        if (table.Rows.Count > 0) screen.Show(table);
        foreach (var row in rows.Where(r => r.Error is not null)) Screen.Fail($"{row.File}: {row.Error}");
        if (rows.Find(r => r.Manifest is not null) is { Manifest: { } first }) screen.Say($"Ask with: perk ask {first.Adapter[..8]} \"your question\"");
        screen.Result(rows.Select(r => new { r.File, r.Manifest?.Adapter, r.AlreadyThere, r.Error, r.Manifest }));
    }

    private static string Number(FormattableString number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Row(string File, AdapterManifest? Manifest, bool AlreadyThere, string? Error);
}
