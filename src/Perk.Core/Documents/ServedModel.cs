using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Perk.Core.Tensors;

namespace Perk.Core.Documents;

/// <summary>What a process encodes and answers with: known by its files' hashes from the start, loaded once, when it is first needed.</summary>
/// <remarks>A Functions host gives a worker ten seconds to come up; a model may take longer, and some roles never need it.</remarks>
public sealed class ServedModel : IDisposable
{
    private readonly Func<CancellationToken, Task<LoadedModel>> _load;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private LoadedModel? _loaded;

    /// <summary>A model that is loaded when it is first needed.</summary>
    /// <param name="identity">What is known of it before.</param>
    /// <param name="encoding">How documents are cut and written.</param>
    /// <param name="load">Loads it; what it makes is this object's.</param>
    public ServedModel(ModelIdentity identity, EncodingOptions encoding, Func<CancellationToken, Task<LoadedModel>> load) =>
        (Id, Name, Lora, Encoding, _load) = (identity.Checkpoint, identity.ModelName, identity.Lora, encoding, load);

    /// <summary>The checkpoint id.</summary>
    public string Id { get; }

    /// <summary>The base model's name.</summary>
    public string Name { get; }

    /// <summary>The adapters' shape.</summary>
    public LoraOptions Lora { get; }

    /// <summary>How documents are cut and written.</summary>
    public EncodingOptions Encoding { get; }

    /// <summary>Whether it is in memory.</summary>
    public bool IsLoaded => Volatile.Read(ref _loaded) is not null;

    /// <summary>A model of local files.</summary>
    /// <param name="source">The files; their hashes are computed here.</param>
    /// <param name="encoding">How documents are cut and written.</param>
    /// <param name="device">Where it computes; null for the best there is.</param>
    /// <param name="maxMemoryMiB">What micro-batches keep to; null for no limit.</param>
    /// <exception cref="ModelFileException">A file is missing.</exception>
    public static ServedModel From(CheckpointSource source, EncodingOptions encoding, string? device = null, int? maxMemoryMiB = null) =>
        From(source, _ => encoding, device, maxMemoryMiB);

    /// <inheritdoc cref="From(CheckpointSource, EncodingOptions, string?, int?)"/>
    public static ServedModel From(CheckpointSource source, Func<ModelIdentity, EncodingOptions> encoding, string? device = null, int? maxMemoryMiB = null)
    {
        var identity = ModelIdentity.Of(source);
        var options = encoding(identity);
        return new ServedModel(identity, options, _ => Task.Run(() => LoadedModel.Load(source, options, device, maxMemoryMiB), CancellationToken.None));
    }

    /// <summary>A model of the container <c>models</c>: its manifest is read now, its files are fetched when it is first needed.</summary>
    /// <param name="store">Where it lies.</param>
    /// <param name="checkpoint">The checkpoint id.</param>
    /// <param name="encoding">How documents are cut and written, from what is known of the checkpoint.</param>
    /// <param name="device">Where it computes; null for the best there is.</param>
    /// <param name="maxMemoryMiB">What micro-batches keep to; null for no limit.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="ModelFileException">There is no such checkpoint, or its manifest is damaged.</exception>
    public static async Task<ServedModel> FromShelfAsync(
        IObjectStore store, string checkpoint, Func<ModelIdentity, EncodingOptions> encoding, string? device, int? maxMemoryMiB, CancellationToken cancel)
    {
        var identity = (await new ModelShelf(store).RequireAsync(checkpoint, cancel)).Identity;
        var options = encoding(identity);
        var cache = new ModelCache(store);
        return new ServedModel(identity, options, async stop =>
        {
            var source = await cache.FetchAsync(checkpoint, null, stop);
            return await Task.Run(() => LoadedModel.Load(source, options, device, maxMemoryMiB), CancellationToken.None);
        });
    }

    /// <summary>A model that is in memory already; it stays its owner's.</summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="encoding">How documents are cut and written.</param>
    /// <exception cref="ArgumentException">The options do not suit the model.</exception>
    public static ServedModel Of(Checkpoint checkpoint, EncodingOptions encoding) =>
        new(new ModelIdentity(checkpoint.Id, checkpoint.ModelName, checkpoint.Meta.InitialAdapter.Options, null, encoding.Inner.Steps), encoding, _ => throw new InvalidOperationException("It is loaded.")) { _loaded = new LoadedModel(checkpoint, encoding, Owned: false) };

    /// <summary>The id that a document's adapter has or will have with this model.</summary>
    public string AdapterId(string collection, string document) => Encoding.AdapterId(collection, document, Id, Lora);

    /// <summary>Loads it, unless it is in memory; of several callers at once one does, and a failure is the next caller's to try again.</summary>
    /// <exception cref="ModelUnavailableException">It cannot be loaded here; the message says why.</exception>
    /// <exception cref="OperationCanceledException"/>
    public async Task<LoadedModel> LoadAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref _loaded) is { } known) return known;
        await _loading.WaitAsync(cancel);
        try
        {
            if (_loaded is { } other) return other;
            var loaded = await _load(cancel);
            if (loaded.Checkpoint.Id == Id)
            {
                Volatile.Write(ref _loaded, loaded);
                return loaded;
            }

            loaded.Dispose();
            throw new ModelUnavailableException(Name, $"its files have changed: they are checkpoint {loaded.Checkpoint.Id} now, not {Id}.");
        }
        catch (Exception e) when (e is ModelFileException or ArgumentException)
        {
            throw new ModelUnavailableException(Name, e.Message, e);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loaded?.Dispose();
        _loading.Dispose();
    }
}

/// <summary>A model in memory, ready to encode and to answer.</summary>
/// <param name="Checkpoint">The model.</param>
/// <param name="Encoding">How documents are cut and written, with micro-batches that fit the memory.</param>
/// <param name="Owned">Whether it goes with this record.</param>
public sealed record LoadedModel(Checkpoint Checkpoint, EncodingOptions Encoding, bool Owned) : IDisposable
{
    /// <summary>Encodes; whoever makes jobs makes many, so that one arena of memory is made for all of them.</summary>
    public DocumentEncoder Encoder { get; } = Prepared(Checkpoint, Encoding);

    /// <summary>Answers.</summary>
    public QuestionAnswerer Answerer { get; } = new(Checkpoint);

    /// <summary>Loads a model from local files.</summary>
    /// <exception cref="ModelFileException">A file is missing or damaged.</exception>
    /// <exception cref="ArgumentException">The options do not suit the model, or there is no such device.</exception>
    public static LoadedModel Load(CheckpointSource source, EncodingOptions encoding, string? device, int? maxMemoryMiB)
    {
        var checkpoint = source.Load(ComputeDevice.Select(device), encoding.ComputeType);
        try
        {
            return new LoadedModel(checkpoint, encoding.Fitted(checkpoint, maxMemoryMiB), Owned: true);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Owned) Checkpoint.Dispose();
    }

    private static DocumentEncoder Prepared(Checkpoint checkpoint, EncodingOptions options)
    {
        MallocArenas.UseOne();
        return new DocumentEncoder(checkpoint, options);
    }
}

/// <summary>This process cannot load its model; another may, or this one once its files are right.</summary>
/// <param name="model">The model's name.</param>
/// <param name="reason">What is wrong.</param>
/// <param name="cause">What it was noticed by.</param>
public sealed class ModelUnavailableException(string model, string reason, Exception? cause = null)
    : IOException($"This host cannot load its model {model}: {reason}", cause);
