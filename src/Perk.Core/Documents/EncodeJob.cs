using System.Diagnostics;
using Perk.Core.Jobs;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Perk.Core.Telemetry;
using Perk.Core.Tensors;

namespace Perk.Core.Documents;

/// <summary>One document from the store becomes an adapter in the store, once.</summary>
/// <param name="store">Documents and adapters.</param>
/// <param name="model">What to encode with, and how.</param>
/// <param name="accelerator">Held while numerics run: one job at a time computes.</param>
/// <param name="time">The clock.</param>
public sealed class EncodeJob(IObjectStore store, ServedModel model, SemaphoreSlim accelerator, TimeProvider time)
{
    private readonly AdapterArchive _archive = new(store);
    private readonly DocumentShelf _shelf = new(store);

    /// <summary>The work of a message, for <see cref="JobHost"/>.</summary>
    /// <param name="message">The message.</param>
    /// <param name="progress">Told after each micro-batch.</param>
    /// <param name="run">Told of it too; its token is checked before each micro-batch.</param>
    public async Task<JobEnd> WorkAsync(EncodeMessage message, IProgress<EncodeProgress>? progress, JobRun run)
    {
        if (Refusal(message) is { } reason) return JobEnd.Failure(FaultKind.Options, reason);
        await RunAsync(message.Collection, message.Document, new Noted(run, progress), run.Stopping, run.Computes);
        return JobEnd.Success;
    }

    /// <summary>Encodes a stored document, unless its adapter is there already.</summary>
    /// <param name="collection">The document's collection.</param>
    /// <param name="document">Its id.</param>
    /// <param name="progress">Told after each micro-batch; may be null.</param>
    /// <param name="cancel">Checked before each micro-batch.</param>
    /// <param name="computes">Told when the accelerator is free for it; may be null.</param>
    /// <exception cref="DocumentException">The document is missing, empty, not text or over the limit.</exception>
    /// <exception cref="InnerLoopDivergedException">The step size is too large for this text.</exception>
    /// <exception cref="ModelUnavailableException">The model cannot be loaded here.</exception>
    /// <exception cref="OperationCanceledException"/>
    public async Task<EncodeOutcome> RunAsync(string collection, string document, IProgress<EncodeProgress>? progress, CancellationToken cancel, Action? computes = null)
    {
        var id = model.AdapterId(collection, document);
        using var span = Traces.Begin("encode document");
        await RequireNotDeletedAsync(collection, document, id, cancel);
        if (await _archive.FindWholeAsync(collection, id, cancel) is { } done)
        {
            await store.TryCreateAsync(Names.DocumentAdapter(collection, document, id), ReadOnlyMemory<byte>.Empty, cancel); // A deletion that was cut off may have taken the mark.
            return new EncodeOutcome(done, AlreadyThere: true);
        }

        if (await store.ExistsAsync(Names.AdapterManifest(collection, id), cancel)) await _archive.RemoveAsync(collection, id, cancel); // It is damaged.

        var text = await _shelf.ReadAsync(collection, document, cancel);
        var loaded = await model.LoadAsync(cancel);
        var checkpoint = loaded.Checkpoint;
        using var encoded = await accelerator.RunAsync(computes, () => loaded.Encoder.Encode(text.Text, progress, cancel), cancel);
        Measure(encoded);
        var manifest = new AdapterManifest
        {
            Schema = AdapterManifest.CurrentSchema,
            Adapter = id,
            Collection = collection,
            Document = document,
            TextEncoding = text.Encoding,
            Checkpoint = checkpoint.Id,
            BaseModel = checkpoint.ModelName,
            Options = loaded.Encoding,
            Meta = checkpoint.Initialisation,
            Files = [],
            Segments = encoded.Segments.Count,
            Tokens = encoded.Tokens,
            Losses = encoded.Losses,
            EncodeSeconds = encoded.Elapsed.TotalSeconds,
            Compute = new ComputedWith(ComputeDevice.NameOf(checkpoint.Model.Device), ComputeDevice.Threads, encoded.SegmentsPerMicroBatch),
            Created = time.GetUtcNow(),
            Versions = LibraryVersions.Current,
        };
        var saved = await _archive.SaveAsync(encoded, manifest, CancellationToken.None); // A moment's work, which cut off would leave payloads behind.
        await RequireNotDeletedAsync(collection, document, id, CancellationToken.None);
        MallocArenas.JobDone();
        return new EncodeOutcome(saved, AlreadyThere: false);
    }

    /// <summary>Whether a success that is recorded holds: the adapter is there.</summary>
    public async Task<bool> IsDoneAsync(EncodeMessage message, CancellationToken cancel) =>
        await _archive.FindWholeAsync(message.Collection, Names.AdapterOf(message.Job), cancel) is not null;

    /// <summary>What was made of a document that was deleted meanwhile goes: whoever deleted it may have looked before it was there.</summary>
    private async Task RequireNotDeletedAsync(string collection, string document, string adapter, CancellationToken cancel)
    {
        try
        {
            await _shelf.RequireNotDeletedAsync(collection, document, cancel);
        }
        catch (DocumentException)
        {
            await _archive.RemoveAsync(collection, adapter, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Whether trying again cannot help.</summary>
    internal static bool IsFatal(Exception e) => e is DocumentException or InnerLoopDivergedException or ModelFileException;

    private static void Measure(EncodedDocument encoded)
    {
        var tokens = encoded.Tokens * encoded.Losses.Count;
        Instruments.EncodedTokens.Add(tokens);
        Instruments.EncodeRate.Record(tokens / encoded.Elapsed.TotalSeconds);
        Instruments.LossFall.Record(encoded.Losses[0] - encoded.Losses[^1]);
        Activity.Current?.SetTag("perk.tokens", encoded.Tokens).SetTag("perk.segments", encoded.Segments.Count).SetTag("perk.steps", encoded.Losses.Count);
    }

    /// <summary>Progress goes into the job's record too.</summary>
    private sealed class Noted(JobRun run, IProgress<EncodeProgress>? progress) : IProgress<EncodeProgress>
    {
        public void Report(EncodeProgress value)
        {
            run.Report(new JobProgress(value.Step, value.Steps, value.TokensDone, value.TokensTotal, value.Loss));
            progress?.Report(value);
        }
    }

    private string? Refusal(EncodeMessage message)
    {
        if (message.Checkpoint != model.Id)
            return $"The message asks for checkpoint {message.Checkpoint}; this host serves {model.Id} ({model.Name}). Submit with the --model and --checkpoint that the host was started with, or start a host with yours.";
        var job = Names.EncodeJob(model.AdapterId(message.Collection, message.Document));
        return message.Job == job ? null
            : $"The message's job is {message.Job}; with this host's options the document's is {job}. Submit with the segment and encoding options that the host was started with, or start a host with yours.";
    }
}

/// <summary>What an encode job found or made.</summary>
/// <param name="Manifest">The adapter's manifest.</param>
/// <param name="AlreadyThere">Whether nothing had to be done.</param>
public sealed record EncodeOutcome(AdapterManifest Manifest, bool AlreadyThere);
