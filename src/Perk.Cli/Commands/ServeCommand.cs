using System.CommandLine;
using Perk.Cli.Emulator;
using Perk.Cli.Serve;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.Settings;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk serve</c>: the local host.</summary>
internal static class ServeCommand
{
    private static readonly Screen Screen = new(json: false);

    public static Command Create()
    {
        var emulator = new Option<string?>("--emulator")
        {
            Description = "Also start the storage emulator on its usual ports, data in DIR (in memory without DIR); it ends with this command",
            HelpName = "DIR",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var hostJson = new Option<string?>("--host-json")
        {
            Description = "Take the queue settings from this host.json of a Functions app; options given here win",
            HelpName = "FILE",
        };
        var queue = new QueueFlags();
        var wait = StandardOption.Create(
            "--wait", "How long a question waits before it looks again for a document that is not encoded yet",
            new HostSettings().QuestionWait);
        var storage = new StorageFlags();
        var checkpoint = new CheckpointFlags();
        var command = new Command("serve", "Listen on the encode and questions queues, as the Functions app does in Azure")
        {
            emulator, hostJson,
        };
        queue.AddTo(command);
        command.Add(wait);
        storage.AddTo(command);
        checkpoint.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var settings = EnvironmentSettings.Read(); // a bad setting is told before anything starts
            var standard = parsed.GetValue(hostJson) is { } file ? HostJson.Read(file) : new QueueListenerOptions();
            var options = queue.Over(standard, parsed);
            checkpoint.Encoding(parsed); // and a bad option
            try
            {
                await using var azurite = parsed.GetResult(emulator) is null
                    ? null
                    : await StartEmulatorAsync(parsed.GetValue(emulator), cancel);
                var account = azurite is null
                    ? await storage.ConnectAsync(parsed, cancel)
                    : await StorageAccount.ConnectAsync(azurite.ConnectionString, cancel);
                using var loaded = checkpoint.Load(parsed);
                using var gate = AcceleratorGate.Create();
                using var telemetry = new TelemetryExport(settings.Telemetry, "perk-serve");
                var host = new LocalHost(account, loaded, checkpoint.Fitted(parsed, loaded), options, gate, telemetry.Loggers.CreateLogger("perk"))
                {
                    Settings = parsed.GetResult(wait) is { Implicit: false } ? settings with { QuestionWait = parsed.GetValue(wait) } : settings,
                };
                Screen.Say($"Listening on {Names.EncodeQueue} and {Names.QuestionsQueue}; "
                    + $"base {Markup.Escape(loaded.ModelName)}, checkpoint {loaded.Id[..12]}. Ctrl-C ends it.");
                await host.RunAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // Interrupted before it listened: that too is how this command ends.
            }

            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static async Task<Azurite> StartEmulatorAsync(string? folder, CancellationToken cancel)
    {
        var azurite = await Azurite.StartAsync(
            new AzuriteOptions { Folder = folder, BlobPort = 10000, QueuePort = 10001 }, cancel,
            new Progress<string>(Console.Error.WriteLine));
        Screen.Say("The storage emulator listens on its usual ports; "
            + $"its data is {(folder is null ? "in memory" : "in " + Markup.Escape(folder))}.");
        return azurite;
    }
}
