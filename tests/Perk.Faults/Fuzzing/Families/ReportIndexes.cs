using Perk.Core;
using Perk.Core.Evaluation;
using Perk.Core.Storage;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Indexes of evaluation reports.</summary>
internal sealed class ReportIndexes : RecordFamily
{
    /// <inheritdoc/>
    public override string Name => "report-index";

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } = [Record("one", new ReportIndex { Reports = [Summary(1)] }), Record("two", new ReportIndex { Reports = [Summary(1), Summary(2)] })];

    /// <summary>A newer form is refused, not taken for damaged.</summary>
    public override bool IsRefusal(Exception e) => e is IOException || base.IsRefusal(e);

    /// <inheritdoc/>
    public override bool NamesInput(Exception e) => e.Message.Contains(Names.ReportIndex.ToString(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        if (ReportIndex.Parse(input.Bytes) is not { } index) return false;
        var id = new ReportId(new DateOnly(2027, 1, 1), Ids.Sha256("c"), "nightly");
        UnusableException.Unless("looking for an earlier report", () => index.Before(id).ToList());
        UnusableException.Unless("its text", () => SuiteMarkdown.Write(index));
        var written = UnusableException.Unless("ToJson", index.ToJson);
        UnusableException.Require(ReportIndex.Parse(written) is { } again && again.ToJson().SequenceEqual(written), "what is written of it reads otherwise");
        return true;
    }

    private static SuiteSummary Summary(int day) => new()
    {
        Suite = "nightly",
        Date = new DateOnly(2026, 1, day),
        Checkpoint = Ids.Sha256("checkpoint"),
        Model = "perk-1m",
        Created = Moment,
        Definition = Ids.Sha256("definition"),
        Against = day == 1 ? null : new ReportId(new DateOnly(2026, 1, 1), Ids.Sha256("checkpoint"), "nightly"),
        NotCompared = day == 1 ? "There is no earlier report of this suite." : null,
        Entries =
        [
            new EntryResults("qa1-1k", [new MethodResult("perk", 59, new MeanInterval(0.5, 0.4, 0.6), day == 1 ? null : new PairedDifference("perk (earlier run)", -0.3, -0.4, -0.2, 59), day != 1)]),
            new EntryResults("qa1-8k", [new MethodResult("prompt", 19, null, null, false)]),
        ],
    };
}
