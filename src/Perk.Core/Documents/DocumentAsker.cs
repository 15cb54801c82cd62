using Perk.Core.Storage;
using Perk.Core.Telemetry;
using Perk.Core.Tensors;

namespace Perk.Core.Documents;

/// <summary>Asks one stored adapter: questions in one padded batch, their support looked up in the document.</summary>
/// <param name="store">Adapters and documents.</param>
/// <param name="model">What to answer with.</param>
/// <param name="cache">Adapters in memory.</param>
/// <param name="accelerator">Held while numerics run.</param>
public sealed class DocumentAsker(IObjectStore store, ServedModel model, AdapterCache cache, SemaphoreSlim accelerator)
{
    private readonly AdapterArchive _archive = new(store);
    private readonly DocumentShelf _shelf = new(store);

    /// <summary>Asks.</summary>
    /// <param name="manifest">The adapter.</param>
    /// <param name="questions">The questions' texts.</param>
    /// <param name="cancel">Checked before each token.</param>
    /// <param name="computes">Told when the accelerator is free for it; may be null.</param>
    /// <returns>An answer for each question, or why there is none.</returns>
    /// <exception cref="ModelFileException">The adapter is damaged, or another checkpoint's.</exception>
    /// <exception cref="ModelUnavailableException">The model cannot be loaded here.</exception>
    public async Task<IReadOnlyList<DocumentAnswer>> AskAsync(AdapterManifest manifest, IReadOnlyList<string> questions, CancellationToken cancel, Action? computes = null)
    {
        using var span = Traces.Begin("ask adapter")?.SetTag("perk.adapter", manifest.Adapter).SetTag("perk.questions", questions.Count);
        var loaded = await model.LoadAsync(cancel);
        using var taken = await cache.TakeAsync(manifest.Collection, manifest.Adapter, () => _archive.LoadAsync(manifest, loaded.Checkpoint, cancel));
        var refusals = questions.Select(q => loaded.Answerer.Refusal(manifest.Segments, q)).ToList();
        string[] fitting = [.. questions.Where((_, i) => refusals[i] is null)];
        var decoded = fitting.Length == 0 ? []
            : await accelerator.RunAsync(computes, () => loaded.Answerer.Answer(taken.Adapter, manifest.Segments, fitting, cancel: cancel), cancel);
        MallocArenas.JobDone();
        var text = decoded.Any(d => d.Parsed.Support.Count > 0) ? await TextAsync(manifest, cancel) : null;
        var segments = text is null ? [] : await _archive.SegmentsAsync(manifest, cancel);
        var next = 0;
        return [.. refusals.Select(refusal => refusal is null ? Of(decoded[next++]) : Refused(refusal))];

        DocumentAnswer Of(DecodedAnswer said) => new(
            manifest.Document, manifest.Adapter, null, said.Parsed.Answer, said.Text,
            [.. said.Parsed.Support.Select(line => SupportLine.Find(line, text ?? "", segments))], said.Tokens > 0 && double.IsFinite(said.MeanLogProbability) ? said.MeanLogProbability : null, said.Tokens, said.Elapsed.TotalSeconds);

        DocumentAnswer Refused(string reason) => new(manifest.Document, manifest.Adapter, reason, null, null, [], null, 0, 0);
    }

    /// <summary>Gives up what is in memory of an adapter that is not there any more.</summary>
    public void Forget(string collection, string adapter) => cache.Forget(collection, adapter);

    /// <summary>The document's text; null where it is no longer there.</summary>
    private async Task<string?> TextAsync(AdapterManifest manifest, CancellationToken cancel)
    {
        try
        {
            return (await _shelf.ReadAsync(manifest.Collection, manifest.Document, cancel)).Text;
        }
        catch (DocumentException)
        {
            return null;
        }
    }
}
