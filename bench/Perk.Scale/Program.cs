using System.CommandLine;
using System.CommandLine.Invocation;
using Perk.Cli.Terminal;
using Perk.Scale.Commands;

namespace Perk.Scale;

/// <summary>Scaling on paper: a discrete-event simulation of the encode queue and of the replicas that work on it.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("Simulates the encode queue and the replicas that work on it; nothing is encoded, and nothing was measured in Azure.") { BurstCommand.Create(), SteadyCommand.Create() };
        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction error && parsed.CommandResult.Command is var command && command != root)
        {
            error.ShowHelp = false;
            foreach (var fault in parsed.Errors) Screen.Fail(fault.Message);
            Console.Error.WriteLine($"Try: Perk.Scale {command.Name} --help");
            return ExitCode.Usage;
        }

        var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }
}
