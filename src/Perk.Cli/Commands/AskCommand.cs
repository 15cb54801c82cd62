using System.CommandLine;
using System.Globalization;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Perk.Core.Tensors;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk ask ADAPTER "question"…</c>: answers from an adapter in a plain folder.</summary>
internal static class AskCommand
{
    public static Command Create()
    {
        var adapter = PlainArgument.One("ADAPTER", "Adapter id, or the beginning of one");
        var questions = PlainArgument.OneOrMore("QUESTION", "One or more questions");
        var (store, collection, json) = (StorageFlags.Store(), StorageFlags.Collection(), StorageFlags.Json());
        var maxTokens = StandardOption.MaxTokens();
        var checkpoint = new CheckpointFlags();
        var command = new Command("ask", "Answer questions from an adapter alone (no server, no document)") { adapter, questions, store, collection, maxTokens, json };
        checkpoint.AddModelAndDeviceTo(command);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var longest = parsed.GetValue(maxTokens);
            if (longest is < 1) throw new ArgumentException($"--max-tokens is {longest}; use 1 or more.");
            var kept = parsed.GetRequiredValue(store);
            var archive = new AdapterArchive(new DirectoryStore(kept));
            var manifest = await FindAsync(kept, archive, parsed.GetRequiredValue(collection), parsed.GetRequiredValue(adapter), cancel);

            // The manifest says how untrained meta-parameters were made; trained ones have to be named again, as the base model has.
            var folder = checkpoint.Folder(parsed);
            if (manifest.Meta is null && folder is null)
                throw new ArgumentException($"Adapter {manifest.Adapter} was made with the trained checkpoint {manifest.Checkpoint}; name its folder with --checkpoint.");
            var source = new CheckpointSource
            {
                ModelFolder = checkpoint.ModelFolder(parsed),
                Folder = manifest.Meta is null ? folder : null,
                Meta = manifest.Meta ?? new MetaInitialisation(),
            };
            using var loaded = source.Load(ComputeDevice.Select(checkpoint.Device(parsed)), manifest.Options.ComputeType);
            using var weights = await archive.LoadAsync(manifest, loaded, cancel);
            var asked = parsed.GetRequiredValue(questions);
            var answers = new QuestionAnswerer(loaded).Answer(weights, manifest.Segments, asked, longest, cancel);
            Report(new Screen(parsed.GetValue(json)), manifest, asked, answers);
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static async Task<AdapterManifest> FindAsync(string folder, AdapterArchive archive, string collection, string beginning, CancellationToken cancel)
    {
        if (beginning.Length is < 4 or > 32 || !beginning.All(char.IsAsciiHexDigitLower))
            throw new ArgumentException($"'{beginning}' is not an adapter id; give 4 to 32 lower-case hexadecimal digits, as perk encode prints them.");
        var found = await archive.StartingWithAsync(collection, beginning, cancel);
        return found.Count switch
        {
            0 => throw new IOException(
                $"No adapter in folder '{folder}', collection '{collection}', begins with '{beginning}'; perk encode makes them."),
            1 => (await archive.FindAsync(collection, found[0], cancel))!,
            _ => throw new IOException($"{found.Count} adapters begin with '{beginning}'; give more digits."),
        };
    }

    private static void Report(Screen screen, AdapterManifest manifest, string[] asked, IReadOnlyList<DecodedAnswer> answers)
    {
        foreach (var (question, answer) in asked.Zip(answers))
        {
            screen.Say($"[bold]{Markup.Escape(question)}[/]");
            screen.Say($"  {Markup.Escape(answer.Parsed.Answer)}");
            foreach (var line in answer.Parsed.Support) screen.Say($"  [dim]{Markup.Escape(line)}[/]");
        }

        screen.Say(string.Create(CultureInfo.InvariantCulture,
            $"[dim]adapter {manifest.Adapter}, base {Markup.Escape(manifest.BaseModel)}, {answers.Sum(a => a.Tokens)} tokens in {answers[^1].Elapsed.TotalSeconds:0.00} s[/]"));
        screen.Result(asked.Zip(answers, (question, a) =>
            new { manifest.Adapter, question, a.Parsed.Answer, a.Parsed.Support, a.Text, a.Tokens, seconds = a.Elapsed.TotalSeconds }));
    }
}
