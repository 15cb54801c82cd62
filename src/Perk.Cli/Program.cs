using System.CommandLine;
using System.CommandLine.Invocation;
using Perk.Cli.Commands;
using Perk.Cli.Terminal;

namespace Perk.Cli;

/// <summary>The command <c>perk</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("Perk.Serverless turns documents into small memory adapters and answers questions from the adapters alone.")
        {
            DemoCommand.Create(),
            EncodeCommand.Create(),
            AskCommand.Create(),
            ServeCommand.Create(),
            SubmitCommand.Create(),
            QuestionCommand.Create(),
            BatchCommand.Create(),
            JobsCommand.Create(),
            DocumentsCommand.Create(),
            ModelCommand.Create(),
            EvaluateCommand.Create(),
            PretrainCommand.Create(),
            TrainCommand.Create(),
        };
        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction error && parsed.CommandResult.Command is var command && command != root)
        {
            // Twenty lines of help would push the error off the screen.
            error.ShowHelp = false;
            foreach (var fault in parsed.Errors) Screen.Fail(fault.Message);
            Console.Error.WriteLine($"Try: perk {command.Name} --help");
            return ExitCode.Usage;
        }

        var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }
}
