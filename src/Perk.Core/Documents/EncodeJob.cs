using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>One document from the store becomes an adapter in the store, once.</summary>
/// <param name="store">Documents, adapters and job results.</param>
/// <param name="checkpoint">What to encode with.</param>
/// <param name="options">How to cut and write.</param>
/// <param name="accelerator">Held while numerics run: one job at a time computes.</param>
/// <param name="time">The clock.</param>
/// <exception cref="ArgumentException">The segments do not fit the checkpoint's window.</exception>
public sealed class EncodeJob(IObjectStore store, Checkpoint checkpoint, EncodingOptions options, SemaphoreSlim accelerator, TimeProvider time)
{
    private readonly EncodingOptions _options = options.ValidatedFor(checkpoint);
    private readonly AdapterArchive _archive = new(store);
    private readonly DocumentShelf _shelf = new(store);

    /// <summary>The id that a document's adapter has or will have here.</summary>
    public string AdapterId(string collection, string document) =>
        _options.AdapterId(collection, document, checkpoint.Id, checkpoint.Meta.InitialAdapter.Options);

    /// <summary>Handles a message: what can never succeed becomes a failed result, anything else that goes wrong is thrown.</summary>
    /// <returns>The result, which is stored.</returns>
    /// <exception cref="OperationCanceledException"/>
    public async Task<JobResult> HandleAsync(EncodeMessage message, IProgress<EncodeProgress>? progress, CancellationToken cancel)
    {
        var reason = Refusal(message);
        if (reason is null)
        {
            try
            {
                await RunAsync(message.Collection, message.Document, progress, cancel);
            }
            catch (Exception e) when (IsFatal(e))
            {
                reason = e.Message;
            }
        }

        var result = new JobResult(1, message.Job, message.Generation, reason is null ? JobStatus.Succeeded : JobStatus.Failed, reason, time.GetUtcNow());
        await result.SaveAsync(store, message.Collection, cancel);
        return result;
    }

    /// <summary>Encodes a stored document, unless its adapter is there already.</summary>
    /// <exception cref="DocumentException">The document is missing, empty, not text or over the limit.</exception>
    /// <exception cref="InnerLoopDivergedException">The step size is too large for this text.</exception>
    /// <exception cref="OperationCanceledException"/>
    public async Task<EncodeOutcome> RunAsync(string collection, string document, IProgress<EncodeProgress>? progress, CancellationToken cancel)
    {
        var id = AdapterId(collection, document);
        if (await _archive.FindAsync(collection, id, cancel) is { } done) return new EncodeOutcome(done, AlreadyThere: true);

        var text = await _shelf.ReadAsync(collection, document, cancel);
        using var encoded = await accelerator.RunAsync(
            () => new DocumentEncoder(checkpoint, _options).Encode(text.Text, progress, cancel), cancel);
        var manifest = new AdapterManifest
        {
            Schema = AdapterManifest.CurrentSchema,
            Adapter = id,
            Collection = collection,
            Document = document,
            TextEncoding = text.Encoding,
            Checkpoint = checkpoint.Id,
            BaseModel = checkpoint.ModelName,
            Options = _options,
            Meta = checkpoint.Initialisation,
            Files = [],
            Segments = encoded.Segments.Count,
            Tokens = encoded.Tokens,
            Losses = encoded.Losses,
            EncodeSeconds = encoded.Elapsed.TotalSeconds,
            Created = time.GetUtcNow(),
            Versions = LibraryVersions.Current,
        };
        return new EncodeOutcome(await _archive.SaveAsync(encoded, manifest, cancel), AlreadyThere: false);
    }

    /// <summary>Whether trying again cannot help.</summary>
    internal static bool IsFatal(Exception e) => e is DocumentException or InnerLoopDivergedException or ModelFileException;

    private string? Refusal(EncodeMessage message)
    {
        if (message.Checkpoint != checkpoint.Id)
            return $"The message asks for checkpoint {message.Checkpoint}; this host serves {checkpoint.Id} ({checkpoint.ModelName}). Submit with the same model and options as the host's.";
        var job = Names.EncodeJob(AdapterId(message.Collection, message.Document));
        return message.Job == job ? null
            : $"The message's job is {message.Job}; with this host's options the document's is {job}. Submit with the same encoding options as the host's.";
    }
}

/// <summary>What an encode job found or made.</summary>
/// <param name="Manifest">The adapter's manifest.</param>
/// <param name="AlreadyThere">Whether nothing had to be done.</param>
public sealed record EncodeOutcome(AdapterManifest Manifest, bool AlreadyThere);
