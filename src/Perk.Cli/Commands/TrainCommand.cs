using System.CommandLine;
using System.Globalization;
using Perk.Cli.Terminal;
using Perk.Core.MetaLearning;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tensors;
using Perk.Core.Training;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk train RECIPE</c>: meta-training of an initial adapter, step sizes and token weights for a frozen base model.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var recipe = PlainArgument.One("RECIPE", "The recipe, a JSON file");
        var model = new Option<string>("--model") { Description = "Base model, a Hugging Face folder; stays as it is", HelpName = "DIR", Required = true };
        var start = new Option<string?>("--start") { Description = "Trained checkpoint to go on from; inner steps it lacks are appended", HelpName = "DIR" };
        var changes = new Option<string[]>("--set")
        {
            Description = "A field of the recipe to set, such as outer.steps=300 or tasks.0.maxLength=256; give it once for each",
            HelpName = "FIELD=VALUE",
        };
        var books = new Option<string?>("--books") { Description = "Folder of .txt files (default: the books that ship)", HelpName = "DIR" };
        var folder = new Option<string>("--out") { Description = "Run folder; the same command goes on where an interrupted one stopped", HelpName = "DIR", Required = true };
        var device = new Option<string?>("--device") { Description = $"auto, cpu or cuda (default: {ComputeDevice.Variable}, then auto)", HelpName = "DEVICE" };
        var threads = StandardOption.Create("--threads", "Threads of the computation; the result's last digits depend on them", Environment.ProcessorCount);
        var json = StorageFlags.Json();
        var command = new Command("train", "Meta-train how contexts are written into adapters") { recipe, changes, model, start, books, folder, device, threads, json };
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var followed = TrainRecipe.Read(parsed.GetRequiredValue(recipe), parsed.GetValue(changes));
            var source = new CheckpointSource { ModelFolder = parsed.GetRequiredValue(model), Folder = parsed.GetValue(start) };
            var target = ComputeDevice.Select(parsed.GetValue(device));
            ComputeDevice.UseThreads(Math.Max(1, parsed.GetValue(threads) / followed.Workers));
            using var loaded = source.Load(target);
            using var meta = source.Folder is null
                ? MetaStart.New(loaded.Model, new MetaInitialisation { Lora = followed.Lora, Steps = followed.Inner.Steps, StepSize = followed.StepSize, Seed = followed.Seed }, followed.TokenWeight)
                : MetaStart.Appended(loaded.Meta, followed.Inner.Steps, followed.AppendedShare);
            var haystack = Haystack.FromFolder(parsed.GetValue(books) ?? ShippedBooks.Folder, except: followed.HeldOutBooks);
            var mixture = new ProblemMixture(followed, loaded.Tokenizer, haystack, loaded.Model.MaxPositions);
            var begun = loaded with { Meta = meta };
            var run = new TrainingRun(parsed.GetRequiredValue(folder), followed, source, begun, mixture) { Warn = Screen.Warn };
            TrainingMetric? best = null;
            await TrainingBar.ShowAsync(followed.Outer.Steps, bar => best = run.Run(bar, cancel));
            var screen = new Screen(parsed.GetValue(json));
            screen.Say(string.Create(CultureInfo.InvariantCulture,
                $"Best on held-out problems: {100 * best?.ExactMatch:0.0} % right at step {best?.Step}: {Markup.Escape(Path.Combine(parsed.GetRequiredValue(folder), TrainingRun.Best))}"));
            screen.Result(new { best, checkpoint = Path.Combine(parsed.GetRequiredValue(folder), TrainingRun.Best) });
            return ExitCode.Success;
        }, cancel));
        return command;
    }
}
