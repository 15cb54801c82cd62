using System.CommandLine;
using Microsoft.Extensions.Logging;
using Perk.Cli.Emulator;
using Perk.Cli.Serve;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk serve</c>: the local host.</summary>
internal static class ServeCommand
{
    private static readonly QueueListenerOptions Defaults = new();

    public static Command Create()
    {
        var emulator = new Option<string?>("--emulator")
        {
            Description = "Also start the storage emulator on its usual ports, data in DIR (in memory without DIR); it ends with this command",
            HelpName = "DIR",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var batchSize = Standard("--batch-size", "Messages of a queue worked on side by side", Defaults.BatchSize);
        var maxDequeueCount = Standard("--max-dequeue-count", "Tries before a message goes to the poison queue", Defaults.MaxDequeueCount);
        var lockDuration = Standard("--lock", "How long a message is hidden while it is worked on (renewed at half), and after a crash", Defaults.LockDuration);
        var retryDelay = Standard("--retry-delay", "How long a failed message stays hidden", Defaults.VisibilityTimeout);
        var poll = Standard("--poll", "Longest pause between looks at an empty queue", Defaults.MaxPollingInterval);
        var wait = Standard("--wait", "How long a question waits before it looks again for a document that is not encoded yet", LocalHost.StandardWait);
        var storage = new StorageFlags();
        var checkpoint = new CheckpointFlags();
        var command = new Command("serve", "Listen on the encode and questions queues, as the Functions app does in Azure")
        {
            emulator, batchSize, maxDequeueCount, lockDuration, retryDelay, poll, wait,
        };
        storage.AddTo(command);
        checkpoint.AddTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var options = new QueueListenerOptions
            {
                BatchSize = parsed.GetValue(batchSize),
                MaxDequeueCount = parsed.GetValue(maxDequeueCount),
                LockDuration = parsed.GetValue(lockDuration),
                VisibilityTimeout = parsed.GetValue(retryDelay),
                MaxPollingInterval = parsed.GetValue(poll),
            };
            var encoding = checkpoint.Encoding(parsed);
            await using var azurite = parsed.GetResult(emulator) is null ? null : await StartEmulatorAsync(parsed.GetValue(emulator), cancel);
            var account = azurite is null ? await storage.ConnectAsync(parsed, cancel) : await StorageAccount.ConnectAsync(azurite.ConnectionString, cancel);
            using var loaded = checkpoint.Load(parsed);
            using var gate = AcceleratorGate.Create();
            using var loggers = LoggerFactory.Create(log => log.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss ")));
            var host = new LocalHost(account, loaded, encoding, options, gate, loggers.CreateLogger("perk")) { Wait = parsed.GetValue(wait) };
            AnsiConsole.MarkupLine($"Listening on {Names.EncodeQueue} and {Names.QuestionsQueue}; base {Markup.Escape(loaded.ModelName)}, checkpoint {loaded.Id[..12]}. Ctrl-C ends it.");
            await host.RunAsync(cancel);
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static async Task<Azurite> StartEmulatorAsync(string? folder, CancellationToken cancel)
    {
        var azurite = await Azurite.StartAsync(
            new AzuriteOptions { Folder = folder, BlobPort = 10000, QueuePort = 10001 }, cancel, new Progress<string>(Screen.Error.WriteLine));
        AnsiConsole.MarkupLine($"The storage emulator listens on its usual ports; its data is {(folder is null ? "in memory" : "in " + Markup.Escape(folder))}.");
        return azurite;
    }

    private static Option<T> Standard<T>(string name, string description, T value) => new(name)
    {
        Description = description,
        HelpName = typeof(T) == typeof(TimeSpan) ? "HH:MM:SS" : null,
        DefaultValueFactory = _ => value,
    };
}
