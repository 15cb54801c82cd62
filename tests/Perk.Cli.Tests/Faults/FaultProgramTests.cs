using Perk.Faults.Crashes;
using Perk.Faults.Load;
using Perk.Faults.Throttling;

namespace Perk.Cli.Tests.Faults;

/// <summary>A short form of each program that injects faults; docs/operations.md has the long ones and what they came to.</summary>
public sealed class FaultProgramTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Crash_HostsAndEmulatorKilledOverDuplicatedMessages_EachDocumentHasOneEffect()
    {
        var report = await new CrashRun(new CrashOptions(Documents: 6, Hosts: 2, Kills: 4, EmulatorKills: 1, Seed: 1, Limit)).RunAsync(Tell, Now);
        Assert.Empty(report.Faults);
        Assert.True(report.Kills > 0 && report.EmulatorKills > 0);
    }

    [Fact]
    public async Task Poison_DocumentThatKillsItsHost_IsGivenUpAndTheOthersAreDone()
    {
        var report = await new PoisonRun(documents: 3, tries: 2, seed: 1).RunAsync(Tell, Now);
        Assert.Empty(report.Faults);
    }

    [Fact]
    public async Task Storage_ThrottlesLosesRepliesAndGoesAway_EachDocumentHasOneEffect()
    {
        var options = new StorageFaultOptions(Documents: 4, Share: 0.1, Storm: TimeSpan.FromSeconds(4), StormEvery: TimeSpan.FromSeconds(6), Seed: 1, Limit);
        var report = await new StorageFaultRun(options).RunAsync(Tell, Now);
        Assert.Empty(report.Faults);
        Assert.True(report.Throttled > 0 && report.Lost > 0);
    }

    [Fact]
    public async Task Stop_WhileItEncodes_TheMessageIsReleasedSoon()
    {
        var report = await new StopRun(rounds: 1, seed: 1, within: TimeSpan.FromSeconds(5)).RunAsync(Tell, Now); // 2 s where nothing else runs
        Assert.Empty(report.Faults);
    }

    [Fact]
    public async Task Load_DocumentsAndQuestions_AllAreDone()
    {
        var report = await new LoadRun(documents: 20, questions: 5, seed: 1, mostGrowth: 3).RunAsync(Tell, Now); // Too few to tell growth from a warm-up.
        Assert.Empty(report.Faults);
        Assert.Equal(100, report.Questions);
    }

    private static void Tell(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
