using System.CommandLine;
using System.CommandLine.Invocation;
using Perk.Cli.Terminal;
using Perk.Faults.Fuzzing;

namespace Perk.Faults;

/// <summary>Programs that look for faults by damaging what the product reads and stands on.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("Looks for faults of Perk.Serverless by damaging what it reads and stands on.") 
        {
            FuzzCommand.Create(), FaultCommands.Crash(), FaultCommands.Poison(), FaultCommands.Stop(), FaultCommands.Storage(), FaultCommands.Load(),
        };
        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction error && parsed.CommandResult.Command is var command && command != root)
        {
            error.ShowHelp = false;
            foreach (var fault in parsed.Errors) Screen.Fail(fault.Message);
            Console.Error.WriteLine($"Try: Perk.Faults {command.Name} --help");
            return ExitCode.Usage;
        }

        var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }
}
