using Perk.Faults.Fuzzing;
using Perk.Faults.Fuzzing.Families;

namespace Perk.Cli.Tests.Faults;

/// <summary>Tests that count what the whole process holds: no other test runs beside them.</summary>
[CollectionDefinition("Alone in the process", DisableParallelization = true)]
public sealed class AloneInTheProcess;

/// <summary>Damaged inputs of every kind: refused by a clear error, or accepted and of use.</summary>
[Collection("Alone in the process")]
public sealed class FuzzTests : IDisposable
{
    private readonly FuzzFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_TenThousandCases_NoneEndsAsNoneShould()
    {
        using var families = new AllFamilies(_folder);
        var report = await RunAsync(families.All, new FuzzOptions { Cases = 10_000, Seed = 20_260_131 });
        Assert.Equal(10_000, report.Cases);
        Assert.All(report.Families, family => Assert.True(family is { Accepted: > 10, Refused: > 100 }, $"{family}")); // Both ends are reached.
        Assert.True(report.Violations == 0, report.Describe());
    }

    [Fact]
    public async Task Run_ReaderWithFaults_ReportsEachWithHowToRepeatIt()
    {
        var family = new Faulty();
        var report = Assert.Single((await RunAsync([family], new FuzzOptions { Cases = 400, Seed = 5 })).Families);
        Assert.InRange(report.Violations, 20, 399);
        Assert.Equal(10, report.First.Count);
        Assert.Contains(report.First, v => v.Fault.StartsWith("throws NullReferenceException: ", StringComparison.Ordinal));
        Assert.Contains(report.First, v => v.Fault == "refuses without naming file or field: Bad.");
        Assert.Equal(400, report.Accepted + report.Refused);

        var one = report.First[^1];
        Assert.EndsWith($"--seed 5 --family faulty --only {one.Case}", one.Describe(5));
        var again = await RunAsync([family], new FuzzOptions { Cases = 1, Seed = 5, Only = one.Case });
        Assert.Equal(one.Fault.Split('\n')[0], Assert.Single(again.Families[0].First).Fault.Split('\n')[0]);
    }

    [Fact]
    public async Task Run_CaseThatDoesNotEnd_IsReportedAndEndsTheRun()
    {
        using var release = new ManualResetEventSlim();
        var report = await RunAsync([new Faulty(release)], new FuzzOptions { Cases = 50, Patience = TimeSpan.FromSeconds(0.3) });
        release.Set();
        Assert.Contains("did not end within", Assert.Single(report.Families[0].First).Fault);
    }

    [Fact]
    public void Draw_SeedFamilyAndNumber_DecideTheInput()
    {
        var family = new Faulty();
        Assert.Same(family.Samples[0], FuzzCase.Draw(family, 1, 0));
        Assert.Equal(Files(FuzzCase.Draw(family, 1, 7)), Files(FuzzCase.Draw(new Faulty(), 1, 7)));
        Assert.NotEqual(Files(FuzzCase.Draw(family, 1, 7)), Files(FuzzCase.Draw(family, 2, 7)));

        static string Files(Sample sample) => string.Join(';', sample.Files.Select(file => $"{file.Key}={Convert.ToHexString(file.Value)}"));
    }

    private async Task<FuzzReport> RunAsync(IReadOnlyList<Family> families, FuzzOptions options)
    {
        using var journal = new CaseJournal(_folder.File("case"), TimeProvider.System);
        return await new FuzzRun(families, options, journal).RunAsync(null, TestContext.Current.CancellationToken);
    }

    /// <summary>A reader that falls over some inputs, refuses others without a word, and may wait for ever.</summary>
    private sealed class Faulty(ManualResetEventSlim? wait = null) : Family
    {
        public override string Name => "faulty";

        public override int Weight => 1;

        public override IReadOnlyList<Sample> Samples { get; } = [new Sample("a", "a.json", """{"a":[1,"two"]}"""u8.ToArray())];

        public override bool Read(Sample input)
        {
            wait?.Wait(TestContext.Current.CancellationToken);
            if (input.Bytes.Length % 3 == 1 && Forgotten()!.Length > 0) return false;
            return input.Bytes.Length % 3 == 0 || input.Bytes.AsSpan().SequenceEqual(Samples[0].Bytes) ? true : throw new FormatException("Bad.");
        }

        public override bool IsRefusal(Exception e) => e is FormatException;

        public override bool NamesInput(Exception refusal) => false;

        private static string? Forgotten() => null;
    }
}
