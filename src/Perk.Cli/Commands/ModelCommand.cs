using System.CommandLine;
using System.Globalization;
using Perk.Cli.Terminal;
using Perk.Core;
using Perk.Core.MetaLearning;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk model push | pull | list</c>: checkpoints in the storage account, for hosts that have no files of their own.</summary>
internal static class ModelCommand
{
    public static Command Create() => new("model", "The checkpoints in the storage account, for hosts that have no files of their own") { Push(), Pull(), List() };

    private static Command Push()
    {
        var (checkpoint, storage, json) = (new CheckpointFlags(), new StorageFlags(), StorageFlags.Json());
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would be sent and send nothing" };
        var command = new Command("push", "Put a checkpoint with its base model into the storage account; what is there already is not sent again") { dryRun, json };
        checkpoint.AddSourceTo(command);
        storage.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var source = checkpoint.Source(parsed);
            checkpoint.RequireUndecided(parsed, source.Settings());
            var shelf = new ModelShelf((await storage.ConnectAsync(parsed, cancel)).Objects);
            var push = await shelf.PlanAsync(source, TimeProvider.System.GetUtcNow(), cancel);
            var (manifest, dry, sent) = (push.Manifest, parsed.GetValue(dryRun), push.Missing.Sum(f => f.Length));
            if (!dry) manifest = await TransferBar.ShowAsync($"push {manifest.BaseModel}", bar => push.SendAsync(bar, cancel));
            var screen = new Screen(parsed.GetValue(json));
            var what = push.IsThere ? "is there already" : $"{(dry ? "would be" : "is")} pushed, {TransferBar.Amount(sent)} sent";
            screen.Say(Markup.Escape($"{manifest.Checkpoint} ({manifest.BaseModel}, {Kind(manifest)}, {TransferBar.Amount(manifest.Bytes)}) {what}"));
            if (dry) foreach (var file in push.Missing) screen.Say(Markup.Escape($"  {file.Name} {TransferBar.Amount(file.Length)}"));
            screen.Result(new { manifest, isThere = push.IsThere, dryRun = dry, missing = push.Missing, bytesSent = dry ? 0 : sent });
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static Command Pull()
    {
        var id = PlainArgument.One("ID", "Checkpoint id, or its first digits (at least 4)");
        var to = new Option<string?>("--out") { Description = $"Folder that it goes into (default: models in the user's cache, which {UserCache.Variable} moves)", HelpName = "DIR" };
        var (storage, json) = (new StorageFlags(), StorageFlags.Json());
        var command = new Command("pull", "Get a checkpoint with its base model from the storage account; every file is checked by its hash") { id, to, json };
        storage.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var store = (await storage.ConnectAsync(parsed, cancel)).Objects;
            var checkpoint = await new ModelShelf(store).CompleteAsync(parsed.GetRequiredValue(id), cancel);
            var cache = new ModelCache(store, parsed.GetValue(to));
            var source = await TransferBar.ShowAsync($"pull {checkpoint[..8]}", bar => cache.FetchAsync(checkpoint, bar, cancel));
            var screen = new Screen(parsed.GetValue(json));
            screen.Say(Markup.Escape($"{checkpoint} ({source.ModelName}) is here, whole; to use it:"));
            screen.Say(Markup.Escape($"  --model {source.ModelFolder} {Flags(source)}"));
            screen.Result(new { checkpoint, source.ModelName, model = source.ModelFolder, folder = source.Folder, meta = source.Folder is null ? source.Meta : null });
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static Command List()
    {
        var (storage, json) = (new StorageFlags(), StorageFlags.Json());
        var command = new Command("list", "Show the checkpoints in the storage account") { json };
        storage.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var models = await new ModelShelf((await storage.ConnectAsync(parsed, cancel)).Objects).ListAsync(cancel).ToListAsync(cancel);
            var screen = new Screen(parsed.GetValue(json));
            var table = new Table().Border(TableBorder.Simple).AddColumn("checkpoint", c => c.NoWrap()).AddColumns("base model", "meta-parameters", "size", "pushed");
            foreach (var (id, manifest, fault) in models)
            {
                if (manifest is null) table.AddRow(Screen.Id(id), "damaged", Markup.Escape(fault!), "", "");
                else table.AddRow(Screen.Id(id), Markup.Escape(manifest.BaseModel), Kind(manifest), TransferBar.Amount(manifest.Bytes), manifest.Pushed.ToString("u", CultureInfo.InvariantCulture));
            }

            if (models.Count > 0) screen.Show(table);
            else screen.Say("There are no checkpoints in this storage account; perk model push puts them there.");
            screen.Result(models.Select(m => new { m.Checkpoint, m.Manifest?.BaseModel, m.Manifest?.Bytes, m.Manifest?.Pushed, m.Manifest?.Settings, m.Manifest?.Meta, m.Fault }));
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static string Kind(ModelManifest manifest) => manifest.Trained.Count > 0 ? "trained" : "untrained";

    /// <summary>What names the meta-parameters on a command line.</summary>
    private static string Flags(CheckpointSource source) => source is { Folder: { } folder } ? $"--checkpoint {folder}" : string.Join(' ', (string[])
    [
        .. source.Meta.Lora.Targets?.Select(t => $"--target {t}") ?? [], .. source.Meta.Lora.Layers?.Select(l => $"--layer {l}") ?? [],
        string.Create(CultureInfo.InvariantCulture, $"--rank {source.Meta.Lora.Rank} --alpha {source.Meta.Lora.Alpha} --steps {source.Meta.Steps} --step-size {source.Meta.StepSize} --seed {source.Meta.Seed}"),
    ]);
}
