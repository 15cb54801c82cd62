using System.Text;
using Perk.Core.Evaluation;
using Perk.Core.Storage;
using Perk.Tests;

namespace Perk.Core.Tests.Evaluation;

/// <summary>The index in every kind of store, which other tests may write to as well.</summary>
public abstract class ReportIndexConformance
{
    private readonly string _suite = $"suite-{Guid.NewGuid():N}";

    protected static CancellationToken Now => TestContext.Current.CancellationToken;

    protected abstract Task<IObjectStore> StoreAsync();

    [Fact]
    public async Task Add_ManyAtOnce_HasThemAllByDate()
    {
        var store = await StoreAsync();
        var all = Enumerable.Range(0, 8).Select(i => Summary(new DateOnly(2026, 11, 23).AddDays(i), i)).ToArray();
        await Task.WhenAll(all.Reverse().Select(s => Task.Run(() => ReportIndex.AddAsync(store, s, TimeProvider.System, Now), Now)));
        var index = await ReportIndex.ReadAsync(store, Now);
        Assert.Equal(all.Select(s => s.Id), index.Reports.Where(r => r.Suite == _suite).Select(r => r.Id));
        var text = Encoding.UTF8.GetString((await store.ReadAllBytesAsync(Names.ReportIndexText, Now))!);
        Assert.All(all, s => Assert.Contains($"[{s.Date:yyyy-MM-dd}]({Names.ReportText(s.Id).Path})", text, StringComparison.Ordinal));

        Assert.Equal(all[3].Id, index.Before(all[4].Id).First().Id);
        Assert.Empty(index.Before(all[0].Id));
        Assert.Equal(all[7].Id, index.Before(all[0].Id with { Date = new DateOnly(2027, 1, 1), Checkpoint = new string('f', 64) }).First().Id);
    }

    [Fact]
    public async Task Add_TheSameReportAgain_TakesItsPlace()
    {
        var store = await StoreAsync();
        var summary = Summary(new DateOnly(2026, 11, 23), 1);
        await ReportIndex.AddAsync(store, summary, TimeProvider.System, Now);
        await ReportIndex.AddAsync(store, summary with { NotCompared = "again" }, TimeProvider.System, Now);
        Assert.Equal("again", Assert.Single((await ReportIndex.ReadAsync(store, Now)).Reports, r => r.Suite == _suite).NotCompared);
    }

    private SuiteSummary Summary(DateOnly date, int number) => new()
    {
        Suite = _suite,
        Date = date,
        Checkpoint = Ids.Sha256($"{number % 2}"),
        Model = "small",
        Created = DateTimeOffset.UnixEpoch.AddSeconds(number),
        Definition = Ids.Sha256("definition"),
        Against = null,
        NotCompared = null,
        Entries = [new EntryResults("girls", [new MethodResult("perk", 6, new MeanInterval(0.5, 0.25, 0.75), new PairedDifference("perk (earlier run)", 0.1, -0.1, 0.3, 6), false)])],
    };
}

public sealed class DirectoryReportIndexTests : ReportIndexConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Before_TwoCheckpointsOnADay_IsTheLater()
    {
        var store = await StoreAsync();
        var day = new DateOnly(2026, 11, 23);
        await ReportIndex.AddAsync(store, Of("b", 1), TimeProvider.System, Now);
        await ReportIndex.AddAsync(store, Of("a", 2), TimeProvider.System, Now);
        Assert.Equal(Ids.Sha256("a"), (await ReportIndex.ReadAsync(store, Now)).Before(new ReportId(day.AddDays(3), Ids.Sha256("c"), "s")).First().Checkpoint);

        SuiteSummary Of(string checkpoint, int second) => new()
        {
            Suite = "s", Date = day, Checkpoint = Ids.Sha256(checkpoint), Model = "m", Created = DateTimeOffset.UnixEpoch.AddSeconds(second),
            Definition = "", Against = null, NotCompared = null, Entries = [],
        };
    }

    protected override Task<IObjectStore> StoreAsync() => Task.FromResult<IObjectStore>(new DirectoryStore(_folder.Path));
}

public sealed class BlobReportIndexTests(AzuriteFixture azurite) : ReportIndexConformance
{
    protected override async Task<IObjectStore> StoreAsync() => (await azurite.AccountAsync()).Objects;
}
