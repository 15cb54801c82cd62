using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.Jobs;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Documents;

/// <summary>The pipeline with the small model, rank 4, two steps and short segments, over a folder or a given store.</summary>
internal sealed class Pipeline : IDisposable
{
    public const string Collection = Names.DefaultCollection;

    /// <summary>A document of a few segments.</summary>
    public const string Text = "Lily had a red ball. One day the ball rolled into the pond. "
        + "A frog named Tim gave it back to her.\n\n"
        + "Lily said thank you. They played by the water until her mom called. Then Lily went home with a smile.";

    /// <summary>Another one.</summary>
    public const string OtherText = "Ben saw a big dog in the park. The dog was sad and wanted a bone. "
        + "Ben gave him his bread and they became friends.";

    private static readonly Lazy<Checkpoint> Loaded = new(() => Source!.Load(CPU));
    private readonly TemporaryFolder _folder = new();

    public Pipeline(IObjectStore? store = null, SemaphoreSlim? gate = null, EncodingOptions? options = null)
    {
        Store = store ?? new DirectoryStore(_folder.Path);
        Gate = gate ?? AcceleratorGate.Create();
        Model = ServedModel.Of(Checkpoint, options ?? Options);
        Encode = new EncodeJob(Store, Model, Gate, Time);
        Cache = new AdapterCache(1 << 20);
        Questions = new QuestionsJob(Store, Model, new DocumentAsker(Store, Model, Cache, Gate), Time);
        Ledger = new JobLedger(Store, new JobOptions(), Time, "tests");
        Evaluation = new EvaluationJob(Store, Model, Gate, EvaluationFiles.Shipped, Time, NullLogger.Instance);
        Handlers = new QueueHandlers(Store, Ledger, new JobHost(Ledger, NullLogger.Instance), Encode, Questions, Evaluation, Time);
    }

    public static CheckpointSource Source { get; } = new()
    {
        ModelFolder = RepositoryFiles.Stories260K,
        Meta = new MetaInitialisation { Lora = new LoraOptions { Rank = 4 }, Steps = 2, StepSize = 0.01 },
    };

    public static EncodingOptions Options { get; } = new()
    {
        Segmenter = new SegmenterOptions { MaxTokens = 32 },
        Inner = new InnerLoopOptions { Steps = 2, SegmentsPerMicroBatch = 2 },
    };

    /// <summary>Loaded once for all tests.</summary>
    public static Checkpoint Checkpoint => Loaded.Value;

    public IObjectStore Store { get; }

    public SemaphoreSlim Gate { get; }

    public TickingTime Time { get; } = new();

    public ServedModel Model { get; }

    public EncodeJob Encode { get; }

    public AdapterCache Cache { get; }

    public QuestionsJob Questions { get; }

    public EvaluationJob Evaluation { get; }

    public JobLedger Ledger { get; }

    public QueueHandlers Handlers { get; }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    /// <summary>A second pipeline over the same store, where any computation waits for ever.</summary>
    public Pipeline WithoutAccelerator() => new(Store, new SemaphoreSlim(0, 1));

    public Task<string> SubmitAsync(string text = Text, string collection = Collection) =>
        SubmitAsync(Encoding.UTF8.GetBytes(text), collection);

    public Task<string> SubmitAsync(byte[] content, string collection = Collection) =>
        new DocumentShelf(Store).AddAsync(collection, content, "story.txt", Time.GetUtcNow(), Now);

    /// <summary>Submits and encodes.</summary>
    public async Task<AdapterManifest> EncodedAsync(string text = Text, string collection = Collection) =>
        (await Encode.RunAsync(collection, await SubmitAsync(text, collection), null, Now)).Manifest;

    public EncodeMessage ToEncode(string document, string collection = Collection) => new()
    {
        Collection = collection,
        Document = document,
        Checkpoint = Checkpoint.Id,
        Job = Names.EncodeJob(Model.AdapterId(collection, document)),
    };

    public static QuestionsMessage ToAsk(string? document, params Question[] questions) => new()
    {
        Collection = Collection,
        Document = document,
        Checkpoint = Checkpoint.Id,
        Questions = questions,
        Job = Names.AskJob(questions[0].Id),
    };

    public async Task<byte[]> BytesAsync(ObjectName name) =>
        await Store.ReadAllBytesAsync(name, Now) ?? throw new InvalidOperationException($"{name} is not there.");

    public async Task<StoredAnswer> AnswerAsync(string question, string collection = Collection) =>
        await StoredAnswer.FindAsync(Store, collection, question, Now)
            ?? throw new InvalidOperationException($"{question} has no answer.");

    public Task<JobRecord?> RecordAsync(string job, string collection = Collection) => JobRecord.FindAsync(Store, collection, job, Now);

    /// <summary>Uses up the tries of a queued job.</summary>
    public async Task UseUpTriesAsync(string collection, string job, string? reason)
    {
        for (var n = 0; n < new JobOptions().MaxAttempts; n++)
        {
            var start = await Ledger.BeginAsync(new JobMessage("", collection, job, 1, ""), () => Task.FromResult(false), Now);
            await using var run = start.Run!;
            await run.GiveBackAsync(reason, counts: true);
        }
    }

    /// <summary>Delivers an encode message.</summary>
    /// <returns>What came of it.</returns>
    public async Task<JobOutcome> DeliverAsync(EncodeMessage message, IProgress<EncodeProgress>? progress = null, CancellationToken? cancel = null) =>
        (await Handlers.EncodeAsync("m", Encoding.UTF8.GetBytes(message.ToJson()), _ => progress, cancel ?? Now))!;

    /// <summary>Delivers a questions message.</summary>
    public async Task<JobOutcome> DeliverAsync(QuestionsMessage message, CancellationToken? cancel = null) =>
        (await Handlers.QuestionsAsync("m", Encoding.UTF8.GetBytes(message.ToJson()), cancel ?? Now))!;

    public void Dispose()
    {
        Cache.Dispose();
        Model.Dispose();
        Gate.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A clock that goes on by a second whenever it is read, so that nothing written twice is the same.</summary>
internal sealed class TickingTime : TimeProvider
{
    private long _seconds;

    public void Skip(TimeSpan span) => Interlocked.Add(ref _seconds, (long)span.TotalSeconds);

    public override DateTimeOffset GetUtcNow() =>
        new DateTimeOffset(2025, 3, 1, 12, 0, 0, TimeSpan.Zero).AddSeconds(Interlocked.Increment(ref _seconds));
}

/// <summary>Reports on the reporting thread.</summary>
internal sealed class OnReport(Action<EncodeProgress> report) : IProgress<EncodeProgress>
{
    public void Report(EncodeProgress value) => report(value);
}

/// <summary>A store that tells before it creates an object.</summary>
internal sealed class WatchedStore(IObjectStore store, Action<ObjectName> creating) : IObjectStore
{
    public Action<ObjectName>? Opening { get; init; }

    public Action<ObjectName>? Streaming { get; init; }

    public Task<Stream?> OpenReadAsync(ObjectName name, CancellationToken cancellationToken)
    {
        Opening?.Invoke(name);
        return store.OpenReadAsync(name, cancellationToken);
    }

    public Task<bool> ExistsAsync(ObjectName name, CancellationToken cancellationToken) =>
        store.ExistsAsync(name, cancellationToken);

    public Task WriteAsync(ObjectName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        store.WriteAsync(name, content, cancellationToken);

    public Task WriteAsync(ObjectName name, Stream content, CancellationToken cancellationToken)
    {
        Streaming?.Invoke(name);
        return store.WriteAsync(name, content, cancellationToken);
    }

    public Task<bool> TryCreateAsync(ObjectName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        creating(name);
        return store.TryCreateAsync(name, content, cancellationToken);
    }

    public Task<StoredObject?> ReadAsync(ObjectName name, CancellationToken cancellationToken) => store.ReadAsync(name, cancellationToken);

    public Task<string?> TryReplaceAsync(ObjectName name, ReadOnlyMemory<byte> content, string version, string? lease, CancellationToken cancellationToken) =>
        store.TryReplaceAsync(name, content, version, lease, cancellationToken);

    public Task<string?> TryLeaseAsync(ObjectName name, TimeSpan duration, CancellationToken cancellationToken) =>
        store.TryLeaseAsync(name, duration, cancellationToken);

    public Task<bool> TryRenewAsync(ObjectName name, string lease, CancellationToken cancellationToken) => store.TryRenewAsync(name, lease, cancellationToken);

    public Task ReleaseAsync(ObjectName name, string lease, CancellationToken cancellationToken) => store.ReleaseAsync(name, lease, cancellationToken);

    public IAsyncEnumerable<string> ListAsync(string container, string prefix, CancellationToken cancellationToken) =>
        store.ListAsync(container, prefix, cancellationToken);

    public Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken) =>
        store.DeleteAsync(name, cancellationToken);
}
