using System.CommandLine;
using Perk.Cli.Commands;
using Perk.Cli.Terminal;
using Spectre.Console;

namespace Perk.Faults.Throttling;

/// <summary><c>storage</c>: the storage throttles, loses replies and goes away.</summary>
internal static class StorageFaultCommand
{
    public static Command Create()
    {
        var documents = StandardOption.Create("--documents", "Documents, each with two questions; every message comes twice", 50);
        var share = StandardOption.Create("--share", "The share of requests that get 503, lose their reply or time out", 0.1);
        var storm = StandardOption.Create("--storm", "How long the storage answers nothing but 503", TimeSpan.FromSeconds(8));
        var every = StandardOption.Create("--storm-every", "The pause between two such times; 0 for none", TimeSpan.FromSeconds(20));
        var seed = StandardOption.Create("--seed", "Decides documents and faults", 1);
        var limit = StandardOption.Create("--time-limit", "When it gives up", TimeSpan.FromMinutes(20));
        var json = new Option<bool>("--json") { Description = "The report as JSON" };
        var command = new Command("storage", "Let the storage throttle, lose replies and go away: every document must have exactly one effect") { documents, share, storm, every, seed, limit, json };
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var options = new StorageFaultOptions(
                parsed.GetValue(documents), parsed.GetValue(share), parsed.GetValue(storm), parsed.GetValue(every), parsed.GetValue(seed), parsed.GetValue(limit));
            var screen = new Screen(parsed.GetValue(json));
            var report = await new StorageFaultRun(options).RunAsync(line => screen.Say(Markup.Escape(line)), cancel);
            foreach (var fault in report.Faults) screen.Say(Markup.Escape(fault));
            screen.Say(FormattableString.Invariant(
                $"{report.Documents} documents and {report.Questions} questions, every message twice; {report.Throttled} requests got 503, {report.Lost} replies were lost, {report.Late} timed out; {report.Tries} tries of {report.Documents * 2} jobs; {report.Seconds:0} s: {report.Faults.Count} fault(s)."));
            screen.Result(report);
            return report.Faults.Count == 0 ? ExitCode.Success : ExitCode.Failure;
        }, cancel));
        return command;
    }
}
