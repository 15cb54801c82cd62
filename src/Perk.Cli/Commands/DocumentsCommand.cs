using System.CommandLine;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk documents list | delete</c>: what is there, and how it goes again.</summary>
internal static class DocumentsCommand
{
    public static Command Create() => new("documents", "The documents of a collection, and how to delete them") { List(), Delete() };

    private static Command List()
    {
        var (collection, storage, json) = (StorageFlags.Collection(), new StorageFlags(), StorageFlags.Json());
        var command = new Command("list", "Show the documents of a collection, with the names they were submitted under") { collection, json };
        storage.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var store = (await storage.ConnectAsync(parsed, cancel)).Objects;
            var shelf = new DocumentShelf(store);
            var rows = new List<object>();
            var screen = new Screen(parsed.GetValue(json));
            const string content = "/content";
            await foreach (var path in store.ListAsync(Names.Documents, parsed.GetRequiredValue(collection) + "/", cancel))
            {
                if (!path.EndsWith(content, StringComparison.Ordinal)) continue;
                var document = path[(path.IndexOf('/') + 1)..^content.Length];
                var references = await shelf.ReferencesAsync(parsed.GetRequiredValue(collection), document, cancel);
                screen.Say(Markup.Escape($"{document} {string.Join(", ", references.Select(r => r.Name))}"));
                rows.Add(new { document, references });
            }

            if (rows.Count == 0) screen.Say("There are no documents in this collection.");
            screen.Result(rows);
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static Command Delete()
    {
        var documents = PlainArgument.OneOrMore("DOCUMENT", "Document ids (64 hexadecimal digits), or the files that were submitted");
        var name = new Option<string?>("--name")
        {
            Description = "Take back the submission under this name only; the document stays while others are left", HelpName = "NAME",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would go and remove nothing" };
        var (collection, storage, json) = (StorageFlags.Collection(), new StorageFlags(), StorageFlags.Json());
        var command = new Command("delete", "Delete documents with their adapters and answers") { documents, name, dryRun, collection, json };
        storage.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var ids = parsed.GetRequiredValue(documents).Select(InputFiles.DocumentId).ToList();
            var removal = new DocumentRemoval((await storage.ConnectAsync(parsed, cancel)).Objects, TimeProvider.System);
            var screen = new Screen(parsed.GetValue(json));
            var (rows, dry) = (new List<object>(), parsed.GetValue(dryRun));
            foreach (var id in ids)
            {
                var report = await removal.RemoveAsync(parsed.GetRequiredValue(collection), id, parsed.GetValue(name), dry, cancel);
                screen.Say(Markup.Escape(report.Left.Count > 0
                    ? $"{id} stays: it is still there as {string.Join(", ", report.Left.Select(r => r.Name))}"
                    : $"{id} {(dry ? "would be" : "is")} deleted, with {report.Adapters.Count} adapters and {report.Answers.Count} answers"));
                rows.Add(new { document = id, report });
            }

            screen.Result(rows);
            return ExitCode.Success;
        }, cancel));
        return command;
    }
}
