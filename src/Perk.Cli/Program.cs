using System.CommandLine;
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
        };
        var parsed = root.Parse(args);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }
}
