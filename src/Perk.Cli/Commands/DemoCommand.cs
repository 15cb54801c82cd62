using System.CommandLine;
using Perk.Cli.Demo;
using Perk.Cli.Emulator;
using Perk.Cli.Terminal;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk demo</c>: the whole way once, on a storage emulator that it starts and stops.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var seed = StandardOption.Create("--seed", "Decides who goes where in which stretch of the book", 1L);
        var json = StorageFlags.Json();
        var checkpoint = new CheckpointFlags();
        var command = new Command("demo", "Encode long documents through a local storage emulator and answer questions about them") { seed, json };
        checkpoint.AddTo(command, seeded: false);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var screen = new Screen(parsed.GetValue(json));
            var (source, encoding) = (checkpoint.Source(parsed), checkpoint.Encoding(parsed));
            var documents = DemoDocument.Draw(parsed.GetValue(seed));
            using var loaded = checkpoint.Load(parsed);
            Screen.Error.WriteLine("Starting the storage emulator (the first time it is installed with npm ci, about a minute) ...");
            await using var azurite = await Azurite.StartAsync(new AzuriteOptions(), cancel, new Progress<string>(Screen.Error.WriteLine));
            var account = await StorageAccount.ConnectAsync(azurite.ConnectionString, cancel);
            await account.EnsureQueuesAsync(cancel);
            var results = await new DemoRun(account, source, loaded, encoding).RunAsync(documents, cancel);
            DemoReport.Show(screen, results);
            if (source.Folder is null)
                screen.Say("[dim]Nothing has trained this model's meta-parameters: its answers are not knowledge of the text. Documents, queues, blobs and adapters are real.[/]");
            return ExitCode.Success;
        }, cancel));
        return command;
    }
}
