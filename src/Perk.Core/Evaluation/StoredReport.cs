using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Perk.Core.Storage;

namespace Perk.Core.Evaluation;

/// <summary>
/// A report in the store: <c>reports/{date}/{checkpoint}/{suite}/</c> with <c>{entry}/run.json</c> and <c>{entry}/contexts/{draw}.json</c>, an object a context
/// as it is answered, and in the end <c>report.md</c> and <c>report.json</c>.
/// </summary>
/// <param name="store">Where it is.</param>
/// <param name="id">Which it is.</param>
public sealed class StoredReport(IObjectStore store, ReportId id)
{
    /// <summary>What came of it; null while it is not finished, or damaged.</summary>
    public async Task<SuiteSummary?> FindAsync(CancellationToken cancel) =>
        await store.ReadAllBytesAsync(Names.Report(id), cancel) is { } json && ReportIndex.ParseReport(json) is { } summary && summary.Id == id ? summary : null;

    /// <summary>What is answered of an entry. Rows of another run, from before the suite or the host was changed, are removed.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="run">What is asked: everything that decides a row.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<EvaluationLog> OpenAsync(string entry, JsonObject run, CancellationToken cancel)
    {
        var name = Names.ReportRun(id, entry);
        if (await store.ReadAllBytesAsync(name, cancel) is { } before && JsonNode.DeepEquals(Json.Read<JsonObject>(before), JsonNode.Parse(run.ToJsonString(Json.Compact))))
        {
            var kept = await ContextsAsync(entry, cancel);
            return EvaluationLog.InMemory(kept.Select(k => k.Context), kept.SelectMany(k => k.Rows));
        }

        // The run comes last: whoever is killed in between finds the old one and removes the rest.
        foreach (var path in await store.ListAsync(Names.Reports, Names.ReportContexts(id, entry), cancel).ToListAsync(cancel))
            await store.DeleteAsync(new ObjectName(Names.Reports, path), cancel);
        await store.WriteAsync(name, JsonSerializer.SerializeToUtf8Bytes(run, Json.Indented), cancel);
        return EvaluationLog.InMemory();
    }

    /// <summary>Keeps a context that is answered.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="context">The context.</param>
    /// <param name="rows">All its rows.</param>
    /// <param name="cancel">Cancels.</param>
    public Task AddAsync(string entry, EvaluatedContext context, IEnumerable<EvaluationRow> rows, CancellationToken cancel) => store.WriteAsync(
        Names.ReportContext(id, entry, context.Context), JsonSerializer.SerializeToUtf8Bytes(new KeptContext(context, [.. rows]), Json.Indented), cancel);

    /// <summary>Every row of an entry; none where they are gone.</summary>
    public async Task<IReadOnlyList<EvaluationRow>> RowsAsync(string entry, CancellationToken cancel) => [.. (await ContextsAsync(entry, cancel)).SelectMany(k => k.Rows)];

    /// <summary>Writes the finished report.</summary>
    public async Task SaveAsync(SuiteReport report, CancellationToken cancel)
    {
        await store.WriteAsync(Names.ReportText(id), Encoding.UTF8.GetBytes(SuiteMarkdown.Write(report)), cancel);
        await store.WriteAsync(Names.Report(id), report.ToJson(), cancel);
    }

    private async Task<List<KeptContext>> ContextsAsync(string entry, CancellationToken cancel)
    {
        var kept = new List<KeptContext>();
        await foreach (var path in store.ListAsync(Names.Reports, Names.ReportContexts(id, entry), cancel))
        {
            // One that is damaged is asked again.
            if (await store.ReadAllBytesAsync(new ObjectName(Names.Reports, path), cancel) is { } json && Json.Read<KeptContext>(json) is { Rows.Count: > 0 } context
                && context.Rows.All(r => r is not null && r.Context == context.Context.Context) && Names.ReportContext(id, entry, context.Context.Context).Path == path)
                kept.Add(context);
        }

        return kept;
    }

    private sealed record KeptContext(EvaluatedContext Context, IReadOnlyList<EvaluationRow> Rows);
}
