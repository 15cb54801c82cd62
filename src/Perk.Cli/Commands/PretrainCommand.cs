using System.CommandLine;
using Perk.Cli.Terminal;
using Perk.Core.MetaLearning;
using Perk.Core.Tasks;
using Perk.Core.Tensors;
using Perk.Core.Training;
using Spectre.Console;

namespace Perk.Cli.Commands;

/// <summary><c>perk pretrain RECIPE</c>: a base model from books and simulated text, in Hugging Face's layout.</summary>
internal static class PretrainCommand
{
    public static Command Create()
    {
        var recipe = PlainArgument.One("RECIPE", "The recipe, a JSON file");
        var books = new Option<string?>("--books") { Description = "Folder of .txt or .txt.gz files (default: the books that ship)", HelpName = "DIR" };
        var folder = new Option<string?>("--out")
        {
            Description = "Run folder; the same command goes on where an interrupted one stopped (default: runs/ and the recipe's name)",
            HelpName = "DIR",
        };
        var device = new Option<string?>("--device") { Description = $"auto, cpu or cuda (default: {ComputeDevice.Variable}, then auto)", HelpName = "DEVICE" };
        var json = StorageFlags.Json();
        var command = new Command("pretrain", "Train a small base model from books and simulated text") { recipe, books, folder, device, json };
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var followed = PretrainRecipe.Read(parsed.GetRequiredValue(recipe));
            var to = parsed.GetValue(folder) ?? Path.Combine("runs", followed.Name);
            var from = parsed.GetValue(books) ?? ShippedBooks.Folder;
            var run = new PretrainRun(to, followed, from, ComputeDevice.Select(parsed.GetValue(device))) { Warn = Screen.Warn };
            var model = "";
            try
            {
                await PretrainBar.ShowAsync(followed, bar => model = run.Run(bar, cancel));
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                Screen.Fail("cancelled; the same command goes on.");
                return ExitCode.Failure;
            }

            var screen = new Screen(parsed.GetValue(json));
            screen.Say($"Base model in Hugging Face's layout: {Markup.Escape(model)}");
            screen.Result(new { model, run.Hash, last = run.Metrics[^1] });
            return ExitCode.Success;
        }, cancel));
        return command;
    }
}
