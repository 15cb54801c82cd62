using System.Diagnostics;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Faults.Crashes;

/// <summary>Hosts that are killed at random moments, and the emulator too, over documents whose messages come twice.</summary>
/// <param name="options">How many of each.</param>
internal sealed class CrashRun(CrashOptions options)
{
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(6); // The emulator writes its tables every 5 seconds.
    private readonly Random _random = new(options.Seed);

    /// <summary>Runs it.</summary>
    /// <param name="tell">Told what happens.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<CrashReport> RunAsync(Action<string> tell, CancellationToken cancel)
    {
        await using var world = await World.StartAsync(inMemory: options.EmulatorKills == 0, null, cancel);
        byte[][] documents = [.. Enumerable.Range(0, options.Documents).Select(i => Documents.Draw(options.Seed, i, (20, 200)))];
        var reference = await Reference.EncodeAsync(documents, Path.Combine(world.Folder, "reference"), cancel);
        tell($"One host alone has encoded {reference.Count} documents.");

        var clock = Stopwatch.StartNew();
        var questions = await SubmittedWork.SubmitAsync(world.Account, documents, cancel);
        if (options.EmulatorKills > 0) await Task.Delay(Settled, cancel);
        var hosts = Enumerable.Range(0, options.Hosts).Select(i => new HostProcess(world, i, tries: 100)).ToList();
        var (kills, emulatorKills) = (0, 0);
        try
        {
            while (!await SubmittedWork.HasEndedAsync(world.Untouched, options.Documents * 2, cancel))
            {
                if (clock.Elapsed > options.TimeLimit) break;
                if (kills < options.Kills || emulatorKills < options.EmulatorKills) await Task.Delay(_random.Next(200, 3000), cancel);
                else await Task.Delay(500, cancel);
                if (emulatorKills < options.EmulatorKills && (kills >= options.Kills || _random.Next(4) == 0))
                {
                    await world.KillEmulatorAsync(TimeSpan.FromSeconds(_random.Next(1, 4)), cancel);
                    emulatorKills++;
                    tell($"The emulator was killed ({emulatorKills} of {options.EmulatorKills}).");
                    await Task.Delay(Settled, cancel);
                }
                else if (kills < options.Kills)
                {
                    var victim = _random.Next(hosts.Count);
                    await hosts[victim].DisposeAsync();
                    hosts[victim] = new HostProcess(world, victim, tries: 100);
                    kills++;
                    if (kills % 5 == 0) tell($"{kills} of {options.Kills} times a host was killed.");
                }
            }

            tell("All jobs have ended; waiting for the last messages.");
            await SubmittedWork.EmptyAsync(world.Untouched, cancel);
        }
        finally
        {
            foreach (var host in hosts) await host.DisposeAsync();
        }

        var faults = await Verification.CheckAsync(world.Untouched, reference, questions, cancel);
        var jobs = await new JobCatalog(world.Untouched.Objects).ListAsync(new JobFilter(World.Collection, Queue: Names.EncodeQueue), cancel).ToListAsync(cancel);
        return new CrashReport(options.Documents, questions.Count, kills, emulatorKills, jobs.Sum(j => j.Attempt), clock.Elapsed.TotalSeconds, faults);
    }
}

/// <summary>How a crash run goes.</summary>
/// <param name="Documents">Documents; each is asked two questions, and all messages come twice.</param>
/// <param name="Hosts">Hosts at once.</param>
/// <param name="Kills">How often a host is killed.</param>
/// <param name="EmulatorKills">How often the emulator is.</param>
/// <param name="Seed">Decides documents, moments and victims.</param>
/// <param name="TimeLimit">When it gives up.</param>
internal sealed record CrashOptions(int Documents, int Hosts, int Kills, int EmulatorKills, int Seed, TimeSpan TimeLimit);

/// <summary>What a crash run came to.</summary>
/// <param name="Documents">Documents.</param>
/// <param name="Questions">Questions.</param>
/// <param name="Kills">How often a host was killed.</param>
/// <param name="EmulatorKills">How often the emulator was.</param>
/// <param name="Tries">Encodings begun, all documents together.</param>
/// <param name="Seconds">How long it took from the first submission.</param>
/// <param name="Faults">What does not hold at the end.</param>
internal sealed record CrashReport(int Documents, int Questions, int Kills, int EmulatorKills, int Tries, double Seconds, IReadOnlyList<string> Faults);
