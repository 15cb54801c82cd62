using System.CommandLine;
using Perk.Cli.Demo;
using Perk.Cli.Emulator;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk demo</c>: the whole way once, on a storage emulator that it starts and stops.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var seed = StandardOption.Create("--seed", "Decides who goes where in which stretch of the book, and the students", 1L);
        var json = StorageFlags.Json();
        var checkpoint = new CheckpointFlags();
        var command = new Command("demo", "Encode long documents through a local storage emulator and answer questions about them") { seed, json };
        checkpoint.AddTo(command, seeded: false, segmentUnit: false);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var screen = new Screen(parsed.GetValue(json));
            var chosen = parsed.GetValue(seed);
            var source = checkpoint.Source(parsed);
            List<(CheckpointSource Source, EncodingOptions Encoding, IReadOnlyList<DemoDocument> Documents)> parts = [Part(source, DemoDocument.Chapters(chosen))];
            if (checkpoint.Registers(parsed) is { } registers) parts.Add(Part(registers, DemoDocument.StudentRegisters(chosen)));
            Screen.Error.WriteLine("Starting the storage emulator (the first time it is installed with npm ci, about a minute) ...");
            await using var azurite = await Azurite.StartAsync(new AzuriteOptions(), cancel, new Progress<string>(Screen.Error.WriteLine));
            var account = await StorageAccount.ConnectAsync(azurite.ConnectionString, cancel);
            await account.EnsureQueuesAsync(cancel);
            var results = new List<DemoResult>();
            foreach (var part in parts)
            {
                using var model = checkpoint.Served(parsed, part.Source, part.Encoding);
                results.AddRange(await new DemoRun(account, model).RunAsync(part.Documents, cancel));
            }

            DemoReport.Show(screen, results);
            if (source.Folder is null)
                screen.Say("[dim]Nothing has trained this model's meta-parameters: its answers are not knowledge of the text. Documents, queues, blobs and adapters are real.[/]");
            return ExitCode.Success;

            (CheckpointSource, EncodingOptions, IReadOnlyList<DemoDocument>) Part(CheckpointSource from, IReadOnlyList<DemoDocument> documents)
            {
                var encoding = checkpoint.Encoding(parsed, from.Settings());
                return (from, encoding with { Segmenter = encoding.Segmenter with { Unit = documents[0].Problem.Unit } }, documents);
            }
        }, cancel));
        return command;
    }
}
