using System.CommandLine;
using Perk.Cli.Terminal;
using Spectre.Console;

namespace Perk.Faults;

/// <summary>What all the programs but the fuzzer have in common: a report with faults, shown at the end.</summary>
internal static class FaultCommand
{
    /// <summary>Makes a command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="help">What it does.</param>
    /// <param name="options">Its options.</param>
    /// <param name="run">Runs it.</param>
    /// <param name="sum">Its result in a sentence, without the faults.</param>
    /// <param name="faults">What does not hold.</param>
    public static Command Create<T>(
        string name, string help, IEnumerable<Option> options, Func<ParseResult, Action<string>, CancellationToken, Task<T>> run, Func<T, FormattableString> sum,
        Func<T, IReadOnlyList<string>> faults)
        where T : class
    {
        var json = new Option<bool>("--json") { Description = "The report as JSON" };
        var command = new Command(name, help) { json };
        foreach (var option in options) command.Add(option);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var screen = new Screen(parsed.GetValue(json));
            var report = await run(parsed, line => screen.Say(Markup.Escape(line)), cancel);
            foreach (var fault in faults(report)) screen.Say(Markup.Escape(fault));
            screen.Say(Markup.Escape($"{FormattableString.Invariant(sum(report))}: {faults(report).Count} fault(s)."));
            screen.Result(report);
            return faults(report).Count == 0 ? ExitCode.Success : ExitCode.Failure;
        }, cancel));
        return command;
    }
}
