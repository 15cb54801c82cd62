using System.CommandLine;
using Perk.Cli.Commands;
using Perk.Faults.Crashes;
using Perk.Faults.Load;
using Perk.Faults.Throttling;

namespace Perk.Faults;

/// <summary>The programs that inject faults into running hosts.</summary>
internal static class FaultCommands
{
    public static Command Crash()
    {
        var documents = Documents(50);
        var hosts = StandardOption.Create("--hosts", "Hosts at once", 2);
        var kills = StandardOption.Create("--kills", "How often one of them is killed (SIGKILL) and started again", 40);
        var emulator = StandardOption.Create("--emulator-kills", "How often the storage emulator is", 0);
        var (seed, limit) = (Seed(), Limit());
        return FaultCommand.Create(
            "crash", "Kill hosts and the emulator at random moments: every document must have exactly one effect", [documents, hosts, kills, emulator, seed, limit],
            (p, tell, cancel) => new CrashRun(new CrashOptions(
                p.GetValue(documents), p.GetValue(hosts), p.GetValue(kills), p.GetValue(emulator), p.GetValue(seed), p.GetValue(limit))).RunAsync(tell, cancel),
            r => $"{r.Documents} documents and {r.Questions} questions, every message twice; hosts killed {r.Kills} times, the emulator {r.EmulatorKills}; {r.Tries} encodings begun; {r.Seconds:0} s",
            r => r.Faults);
    }

    public static Command Poison()
    {
        var (documents, seed) = (StandardOption.Create("--documents", "Documents; the first kills whoever works on it", 10), Seed());
        var tries = StandardOption.Create("--tries", "Tries that are allowed", 5);
        return FaultCommand.Create(
            "poison", "Let a document kill every host that works on it: it must be given up, and the others done", [documents, tries, seed],
            (p, tell, cancel) => new PoisonRun(p.GetValue(documents), p.GetValue(tries), p.GetValue(seed)).RunAsync(tell, cancel),
            r => $"{r.Documents} documents, one of which killed its host {r.Kills} times; {r.Seconds:0} s", r => r.Faults);
    }

    public static Command Stop()
    {
        var (rounds, seed) = (StandardOption.Create("--rounds", "How often", 10), Seed());
        return FaultCommand.Create(
            "stop", "Tell a host to stop (SIGTERM) while it encodes: its message must be released within 2 s", [rounds, seed],
            (p, tell, cancel) => new StopRun(p.GetValue(rounds), p.GetValue(seed), TimeSpan.FromSeconds(2)).RunAsync(tell, cancel),
            r => $"{r.Seconds.Count} rounds; released after {r.Seconds.Average():0.00} s in the mean, {r.Seconds.Max():0.00} s at most", r => r.Faults);
    }

    public static Command Storage()
    {
        var documents = Documents(50);
        var share = StandardOption.Create("--share", "The share of requests that get 503, lose their reply or time out", 0.1);
        var storm = StandardOption.Create("--storm", "How long the storage answers nothing but 503", TimeSpan.FromSeconds(8));
        var every = StandardOption.Create("--storm-every", "The pause between two such times; 0 for none", TimeSpan.FromSeconds(20));
        var (seed, limit) = (Seed(), Limit());
        return FaultCommand.Create(
            "storage", "Let the storage throttle, lose replies and go away: every document must have exactly one effect", [documents, share, storm, every, seed, limit],
            (p, tell, cancel) => new StorageFaultRun(new StorageFaultOptions(
                p.GetValue(documents), p.GetValue(share), p.GetValue(storm), p.GetValue(every), p.GetValue(seed), p.GetValue(limit))).RunAsync(tell, cancel),
            r => $"{r.Documents} documents and {r.Questions} questions, every message twice; {r.Throttled} requests got 503, {r.Lost} replies were lost, {r.Late} timed out; {r.Tries} tries of {r.Documents * 2} jobs; {r.Seconds:0} s",
            r => r.Faults);
    }

    public static Command Load()
    {
        var documents = StandardOption.Create("--documents", "Documents of a few lines", 1000);
        var questions = StandardOption.Create("--questions", "Questions to each, in one message", 5);
        var growth = StandardOption.Create("--most-growth", "How many times its memory after warming up the host may have at the end", 1.2);
        var seed = Seed();
        return FaultCommand.Create(
            "load", "Put many documents and questions through one host: its memory must stay flat", [documents, questions, growth, seed],
            (p, tell, cancel) => new LoadRun(p.GetValue(documents), p.GetValue(questions), p.GetValue(seed), p.GetValue(growth)).RunAsync(tell, cancel),
            r => $"{r.Documents} documents and {r.Questions} questions in {r.Seconds:0} s ({r.Documents / r.Seconds:0.0} and {r.Questions / r.Seconds:0.0} a second); memory {r.EarlyMiB:0} MiB early, {r.LateMiB:0} late, {r.MostMiB:0} at most",
            r => r.Faults);
    }

    private static Option<int> Documents(int standard) => StandardOption.Create("--documents", "Documents, each with two questions; every message comes twice", standard);

    private static Option<int> Seed() => StandardOption.Create("--seed", "Decides what is random", 1);

    private static Option<TimeSpan> Limit() => StandardOption.Create("--time-limit", "When it gives up", TimeSpan.FromMinutes(20));
}
