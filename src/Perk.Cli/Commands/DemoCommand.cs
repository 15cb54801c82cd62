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
        var json = StorageFlags.Json();
        var checkpoint = new CheckpointFlags();
        var command = new Command("demo", "Encode two book chapters through a local storage emulator and answer questions about them") { json };
        checkpoint.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var screen = new Screen(parsed.GetValue(json));
            var (source, encoding) = (checkpoint.Source(parsed), checkpoint.Encoding(parsed));
            using var loaded = checkpoint.Load(parsed);
            Screen.Error.WriteLine("Starting the storage emulator (the first time it is installed with npm ci, about a minute) ...");
            await using var azurite = await Azurite.StartAsync(new AzuriteOptions(), cancel, new Progress<string>(Screen.Error.WriteLine));
            var account = await StorageAccount.ConnectAsync(azurite.ConnectionString, cancel);
            await account.EnsureQueuesAsync(cancel);
            var results = await new DemoRun(account, source, loaded, encoding, (int)source.Meta.Seed).RunAsync(cancel);
            DemoReport.Show(screen, results);
            if (loaded.ModelName == "stories260K") SayWhatToExpect(screen);
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static void SayWhatToExpect(Screen screen)
    {
        screen.Say("");
        screen.Say("[dim]stories260K has 260,000 parameters, knows children's stories only, and nothing has trained it to use an adapter:[/]");
        screen.Say("[dim]its answers are story prose, not knowledge of the text. The documents, queues, blobs, adapters and losses are real.[/]");
    }
}
