using System.CommandLine;
using Perk.Cli.Commands;
using Perk.Cli.Terminal;
using Spectre.Console;

namespace Perk.Faults.Crashes;

/// <summary><c>crash</c>: hosts and the emulator are killed, and every document has exactly one effect all the same.</summary>
internal static class CrashCommand
{
    public static Command Create()
    {
        var documents = StandardOption.Create("--documents", "Documents, each with two questions; every message comes twice", 50);
        var hosts = StandardOption.Create("--hosts", "Hosts at once", 2);
        var kills = StandardOption.Create("--kills", "How often one of them is killed (SIGKILL) and started again", 40);
        var emulator = StandardOption.Create("--emulator-kills", "How often the storage emulator is", 0);
        var seed = StandardOption.Create("--seed", "Decides documents, moments and victims", 1);
        var limit = StandardOption.Create("--time-limit", "When it gives up", TimeSpan.FromMinutes(20));
        var json = new Option<bool>("--json") { Description = "The report as JSON" };
        var command = new Command("crash", "Kill hosts and the emulator at random moments: every document must have exactly one effect") { documents, hosts, kills, emulator, seed, limit, json };
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var options = new CrashOptions(
                parsed.GetValue(documents), parsed.GetValue(hosts), parsed.GetValue(kills), parsed.GetValue(emulator), parsed.GetValue(seed), parsed.GetValue(limit));
            var screen = new Screen(parsed.GetValue(json));
            var report = await new CrashRun(options).RunAsync(line => screen.Say(Markup.Escape(line)), cancel);
            foreach (var fault in report.Faults) screen.Say(Markup.Escape(fault));
            screen.Say(FormattableString.Invariant(
                $"{report.Documents} documents and {report.Questions} questions, every message twice; hosts killed {report.Kills} times, the emulator {report.EmulatorKills}; {report.Tries} encodings begun; {report.Seconds:0} s: {report.Faults.Count} fault(s)."));
            screen.Result(report);
            return report.Faults.Count == 0 ? ExitCode.Success : ExitCode.Failure;
        }, cancel));
        return command;
    }
}
