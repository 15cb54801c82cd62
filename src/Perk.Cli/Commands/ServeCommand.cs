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
        var address = new Option<string?>("--http")
        {
            Description = $"Also answer HTTP requests, as the Functions app does (default address: {HttpServer.StandardAddress}; other than loopback only with the settings {HttpSettings.TenantKey} and {HttpSettings.AudienceKey})",
            HelpName = "URL",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var queue = new QueueFlags();
        var wait = StandardOption.Create(
            "--wait", "How long a question waits before it looks again for a document that is not encoded yet",
            new HostSettings().QuestionWait);
        var storage = new StorageFlags();
        var checkpoint = new CheckpointFlags();
        var command = new Command("serve", "Do the work of the queues, as the Functions app does in Azure")
        {
            emulator, hostJson, address,
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
            if (checkpoint.Id(parsed) is null) checkpoint.Encoding(parsed); // and a bad option
            if (parsed.GetResult(address) is not null) HttpServer.Check(parsed.GetValue(address), settings.Http);
            try
            {
                await using var azurite = parsed.GetResult(emulator) is null
                    ? null
                    : await StartEmulatorAsync(parsed.GetValue(emulator), cancel);
                var account = azurite is null
                    ? await storage.ConnectAsync(parsed, cancel)
                    : await StorageAccount.ConnectAsync(azurite.ConnectionString, cancel);
                using var model = await checkpoint.ServedAsync(parsed, account, cancel);
                using var gate = AcceleratorGate.Create();
                using var telemetry = new TelemetryExport(settings.Telemetry, "perk-serve");
                var host = new LocalHost(account, model, options, gate, telemetry.Loggers.CreateLogger("perk"))
                {
                    Settings = parsed.GetResult(wait) is { Implicit: false } ? settings with { QuestionWait = parsed.GetValue(wait) } : settings,
                };
                await model.LoadAsync(cancel); // A model that cannot be loaded is told now, not with the first document.
                await using var services = host.CreateServices();
                await using var http = parsed.GetResult(address) is null ? null : await HttpServer.StartAsync(services, parsed.GetValue(address), settings.Http, cancel);
                Screen.Say($"Listening on {string.Join(", ", Names.Queues)}{(http is null ? "" : $" and {Markup.Escape(http.Address)}")}; "
                    + $"base {Markup.Escape(model.Name)}, checkpoint {model.Id[..12]}. Ctrl-C ends it.");
                await host.RunAsync(services, cancel);
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
