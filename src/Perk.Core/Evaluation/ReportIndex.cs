using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Perk.Core.Storage;

namespace Perk.Core.Evaluation;

/// <summary>Every report with its results: <c>reports/index.json</c>, and <c>index.md</c> for people. One that is missing or damaged is made again from the reports.</summary>
public sealed record ReportIndex
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The form.</summary>
    public int Schema { get; init; } = SuiteSummary.CurrentSchema;

    /// <summary>The reports by date and time.</summary>
    public required IReadOnlyList<SuiteSummary> Reports { get; init; }

    /// <summary>Whether it has a report.</summary>
    public bool Holds(ReportId id) => Reports.Any(r => r.Id == id);

    /// <summary>The reports of a suite from earlier days, whatever their checkpoints, the latest first.</summary>
    public IEnumerable<SuiteSummary> Before(ReportId id) => Reports.Where(r => r.Suite == id.Suite && r.Date < id.Date).Reverse();

    /// <summary>Whether the index as it is stored has a report; one that would only be made again has none.</summary>
    public static async Task<bool> HoldsAsync(IObjectStore store, ReportId id, CancellationToken cancel) =>
        await store.ReadAllBytesAsync(Names.ReportIndex, cancel) is { } bytes && Parse(bytes)?.Holds(id) == true;

    /// <summary>Reads the index.</summary>
    public static async Task<ReportIndex> ReadAsync(IObjectStore store, CancellationToken cancel) =>
        await store.ReadAllBytesAsync(Names.ReportIndex, cancel) is { } bytes && Parse(bytes) is { } known ? known : await MadeAgainAsync(store, cancel);

    /// <summary>Adds a report, in place of one of the same day, checkpoint and suite. Of several callers at once, each has its way.</summary>
    public static async Task AddAsync(IObjectStore store, SuiteSummary summary, TimeProvider time, CancellationToken cancel)
    {
        while (true)
        {
            var found = await store.ReadAsync(Names.ReportIndex, cancel);
            var known = found is null ? null : Parse(found.Content);
            var next = (known ?? await MadeAgainAsync(store, cancel)).With([summary]).ToJson();
            if (found is null ? await store.TryCreateAsync(Names.ReportIndex, next, cancel) : await store.TryReplaceAsync(Names.ReportIndex, next, found.Version, null, cancel) is not null)
                break;
            await Task.Delay(Pause, time, cancel); // Another was added meanwhile.
        }

        // Whoever writes an older text sees the newer index afterwards, and writes again.
        StoredObject? shown;
        do
        {
            shown = await store.ReadAsync(Names.ReportIndex, cancel);
            if (shown is null || Parse(shown.Content) is not { } index) return;
            await store.WriteAsync(Names.ReportIndexText, Encoding.UTF8.GetBytes(SuiteMarkdown.Write(index)), cancel);
        }
        while ((await store.ReadAsync(Names.ReportIndex, cancel))?.Version != shown.Version);
    }

    /// <summary>Reads an index; null where the bytes are not one.</summary>
    /// <exception cref="IOException">It is of a newer form, and must not be replaced by one of this.</exception>
    internal static ReportIndex? Parse(byte[] json)
    {
        // The form comes first: of another one nothing else is known.
        if (Json.Read<Form>(json) is { Schema: > SuiteSummary.CurrentSchema and var newer }) throw new IOException($"{Names.ReportIndex} has schema {newer}; this version reads {SuiteSummary.CurrentSchema}. Use the version that wrote it.");
        return Json.Read<ReportIndex>(json) is { } index && index.Schema == SuiteSummary.CurrentSchema && index.Reports.All(r => r is not null && r.IsWhole()) ? index : null;
    }

    /// <summary>The index as a file.</summary>
    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json.Indented);

    private ReportIndex With(IReadOnlyCollection<SuiteSummary> more) => this with
    {
        Reports = [.. Reports.Where(r => more.All(m => m.Id != r.Id)).Concat(more).OrderBy(r => r.Date).ThenBy(r => r.Created).ThenBy(r => r.Suite, StringComparer.Ordinal).ThenBy(r => r.Checkpoint, StringComparer.Ordinal)],
    };

    private static async Task<ReportIndex> MadeAgainAsync(IObjectStore store, CancellationToken cancel)
    {
        var found = new List<SuiteSummary>();
        await foreach (var path in store.ListAsync(Names.Reports, "", cancel))
        {
            if (Names.IsReport(path) && await store.ReadAllBytesAsync(new ObjectName(Names.Reports, path), cancel) is { } json && ParseReport(json) is { } summary) found.Add(summary);
        }

        return new ReportIndex { Reports = [] }.With(found);
    }

    /// <summary>What a report says in short; null where the bytes are no report.</summary>
    internal static SuiteSummary? ParseReport(byte[] json) =>
        Json.Read<Head>(json)?.Summary is { Schema: SuiteSummary.CurrentSchema } summary && summary.IsWhole() ? summary : null;

    private sealed record Form(int Schema);

    /// <summary>As much of a <see cref="SuiteReport"/> as is read again: its other fields may come and go.</summary>
    private sealed record Head([property: JsonRequired] SuiteSummary Summary);
}
