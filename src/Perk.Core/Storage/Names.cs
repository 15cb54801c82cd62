using System.Globalization;
using static Perk.Core.Storage.NameRules;

namespace Perk.Core.Storage;

/// <summary>Every container, queue, blob path and job id. Settings, infrastructure and documents repeat these.</summary>
/// <remarks>Each function throws an <see cref="ArgumentException"/> that names a bad part and what would be right.</remarks>
public static class Names
{
    /// <summary>The collection of whoever does not name one.</summary>
    public const string DefaultCollection = "default";

    /// <summary>Container of the documents' bytes and where they came from.</summary>
    public const string Documents = "documents";

    /// <summary>Container of the adapters.</summary>
    public const string Adapters = "adapters";

    /// <summary>Container of the answers.</summary>
    public const string Answers = "answers";

    /// <summary>Container of the job records.</summary>
    public const string Jobs = "jobs";

    /// <summary>Container of the batches.</summary>
    public const string Batches = "batches";

    /// <summary>Container of the messages given up.</summary>
    public const string DeadLetters = "deadletters";

    /// <summary>Container of the evaluation reports.</summary>
    public const string Reports = "reports";

    /// <summary>Container of the base models and checkpoints.</summary>
    public const string Models = "models";

    /// <summary>Container of documents on their way in: blobs that others put there, until they are submitted.</summary>
    public const string Uploads = "uploads";

    /// <summary>Queue of documents to encode.</summary>
    public const string EncodeQueue = "encode";

    /// <summary>Queue of questions to answer.</summary>
    public const string QuestionsQueue = "questions";

    /// <summary>Queue of evaluations to run.</summary>
    public const string EvaluateQueue = "evaluate";

    /// <summary>Queue of blob-created events.</summary>
    public const string ArrivalsQueue = "arrivals";

    /// <summary>What the name of a poison queue has behind its queue's.</summary>
    public const string PoisonSuffix = "-poison";

    private const string ReportFile = "report.json";

    /// <summary>All containers.</summary>
    public static IReadOnlyList<string> Containers { get; } =
        [Documents, Adapters, Answers, Jobs, Batches, DeadLetters, Reports, Models, Uploads];

    /// <summary>All queues, without their poison queues.</summary>
    public static IReadOnlyList<string> Queues { get; } = [EncodeQueue, QuestionsQueue, EvaluateQueue, ArrivalsQueue];

    /// <summary>The queue that takes the messages another queue gave up.</summary>
    public static string PoisonOf(string queue) => queue + PoisonSuffix;

    /// <summary>Whether a queue is one of those.</summary>
    public static bool IsPoison(string queue) => queue.EndsWith(PoisonSuffix, StringComparison.Ordinal);

    /// <summary>A document's bytes as submitted.</summary>
    public static ObjectName DocumentContent(string collection, string documentId) => Document(collection, documentId, "content");

    /// <summary>A document's name, encoding and origin.</summary>
    public static ObjectName DocumentSource(string collection, string documentId) =>
        Document(collection, documentId, "source.json");

    /// <summary>That a document was deleted, and when: a late message must not bring it back.</summary>
    public static ObjectName DocumentTombstone(string collection, string documentId) => Document(collection, documentId, "deleted.json");

    /// <summary>One submission of a document, by the name it was given.</summary>
    public static ObjectName DocumentReference(string collection, string documentId, string name) =>
        Document(collection, documentId, $"references/{Ids.Sha256(name)[..32]}.json");

    /// <summary>Where marks lie of the adapters that were made of a document; empty objects named by adapter id.</summary>
    public static ObjectName DocumentAdapter(string collection, string documentId, string adapterId) =>
        Document(collection, documentId, $"adapters/{Good(adapterId, AdapterIdFault, nameof(adapterId))}");

    /// <summary>Where marks lie of the answers that were given from a document; empty objects named by question id.</summary>
    public static ObjectName DocumentAnswer(string collection, string documentId, string questionId) =>
        Document(collection, documentId, $"answers/{Good(questionId, QuestionIdFault, nameof(questionId))}");

    /// <summary>What all objects of a document begin with.</summary>
    public static string DocumentFolder(string collection, string documentId) =>
        $"{Good(collection, CollectionFault, nameof(collection))}/{Good(documentId, DocumentIdFault, nameof(documentId))}/";

    /// <summary>What all objects of an adapter begin with.</summary>
    public static string AdapterFolder(string collection, string adapterId) =>
        $"{Good(collection, CollectionFault, nameof(collection))}/{Good(adapterId, AdapterIdFault, nameof(adapterId))}/";

    /// <summary>An adapter's tensors.</summary>
    public static ObjectName AdapterWeights(string collection, string adapterId) =>
        Adapter(collection, adapterId, "adapter_model.safetensors");

    /// <summary>An adapter's configuration in PEFT form.</summary>
    public static ObjectName AdapterConfig(string collection, string adapterId) =>
        Adapter(collection, adapterId, "adapter_config.json");

    /// <summary>What the adapter is and how other tools load it.</summary>
    public static ObjectName AdapterReadme(string collection, string adapterId) => Adapter(collection, adapterId, "README.md");

    /// <summary>The segments an adapter was made from.</summary>
    public static ObjectName AdapterSegments(string collection, string adapterId) =>
        Adapter(collection, adapterId, "segments.json");

    /// <summary>An adapter's manifest, written last: the adapter exists if and only if this does.</summary>
    public static ObjectName AdapterManifest(string collection, string adapterId) =>
        Adapter(collection, adapterId, "manifest.json");

    /// <summary>The answer to a question.</summary>
    public static ObjectName Answer(string collection, string questionId) =>
        In(Answers, collection, Good(questionId, QuestionIdFault, nameof(questionId)) + ".json");

    /// <summary>The record of a job.</summary>
    public static ObjectName Job(string collection, string jobId) =>
        In(Jobs, collection, Good(jobId, JobFault, nameof(jobId)) + ".json");

    /// <summary>Somebody asks that a running job be cancelled; holds its generation.</summary>
    public static ObjectName CancelRequest(string collection, string jobId) =>
        In(Jobs, collection, Good(jobId, JobFault, nameof(jobId)) + ".cancel");

    /// <summary>Documents that were submitted together.</summary>
    public static ObjectName Batch(string collection, string batch) => In(Batches, collection, Good(batch, BatchFault, nameof(batch)) + ".json");

    /// <summary>A message that was given up, with the reason: under the first 32 digits of its body's sha256, so that a second copy is the same one.</summary>
    public static ObjectName DeadLetter(string queue, ReadOnlySpan<byte> body) => new(DeadLetters, $"{queue}/{Ids.Sha256(body)[..32]}.json");

    /// <summary>What the paths of all manifests of checkpoints begin with.</summary>
    internal const string ModelManifests = "checkpoints/";

    /// <summary>What a pushed checkpoint consists of, written last: the checkpoint is there if and only if this is.</summary>
    public static ObjectName ModelManifest(string checkpointId) =>
        new(Models, $"{ModelManifests}{Good(checkpointId, CheckpointIdFault, nameof(checkpointId))}.json");

    /// <summary>A file of a base model or of trained meta-parameters, by its bytes' sha256: what two checkpoints share is there once.</summary>
    public static ObjectName ModelPayload(string sha256) => new(Models, $"files/{Good(sha256, Sha256Fault, nameof(sha256))}");

    /// <summary>The job that encodes an adapter.</summary>
    public static string EncodeJob(string adapterId) => EncodeJobPrefix + Good(adapterId, AdapterIdFault, nameof(adapterId));

    /// <summary>The adapter that an encode job makes.</summary>
    public static string AdapterOf(string encodeJob) => Good(encodeJob, EncodeJobFault, nameof(encodeJob))[EncodeJobPrefix.Length..];

    /// <summary>The job that answers a question.</summary>
    public static string AskJob(string questionId) => AskJobPrefix + Good(questionId, QuestionIdFault, nameof(questionId));

    /// <summary>The job that runs a suite of evaluations.</summary>
    public static string EvaluateJob(string suite) => EvaluateJobPrefix + Good(suite, SuiteFault, nameof(suite));

    /// <summary>What came of a suite, for programs; written when everything is answered.</summary>
    public static ObjectName Report(ReportId report) => new(Reports, ReportFolder(report) + ReportFile);

    /// <summary>What came of a suite, for people.</summary>
    public static ObjectName ReportText(ReportId report) => new(Reports, ReportFolder(report) + "report.md");

    /// <summary>What was asked of one entry of a suite: everything that decides its rows.</summary>
    public static ObjectName ReportRun(ReportId report, string entry) => new(Reports, EntryFolder(report, entry) + "run.json");

    /// <summary>A context of an entry with its rows.</summary>
    /// <param name="report">The report.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="draw">The context's draw, from 0.</param>
    public static ObjectName ReportContext(ReportId report, string entry, int draw) =>
        new(Reports, string.Create(CultureInfo.InvariantCulture, $"{ReportContexts(report, entry)}{draw:D6}.json"));

    /// <summary>What all contexts of an entry begin with.</summary>
    public static string ReportContexts(ReportId report, string entry) => EntryFolder(report, entry) + "contexts/";

    /// <summary>Every report of a suite with its results, for programs.</summary>
    public static ObjectName ReportIndex { get; } = new(Reports, "index.json");

    /// <summary>The same for people.</summary>
    public static ObjectName ReportIndexText { get; } = new(Reports, "index.md");

    /// <summary>What all objects of a report begin with.</summary>
    public static string ReportFolder(ReportId report) => string.Create(
        CultureInfo.InvariantCulture, $"{report.Date:yyyy-MM-dd}/{Good(report.Checkpoint, CheckpointIdFault, nameof(report))}/{Good(report.Suite, SuiteFault, nameof(report))}/");

    /// <summary>Whether a path in <see cref="Reports"/> is that of a <see cref="Report"/>.</summary>
    public static bool IsReport(string path) => path.Split('/') is [_, _, _, ReportFile];

    private static string EntryFolder(ReportId report, string entry) => $"{ReportFolder(report)}{Good(entry, SuiteFault, nameof(entry))}/";

    private static ObjectName Document(string collection, string documentId, string leaf) =>
        In(Documents, collection, $"{Good(documentId, DocumentIdFault, nameof(documentId))}/{leaf}");

    private static ObjectName Adapter(string collection, string adapterId, string leaf) =>
        In(Adapters, collection, $"{Good(adapterId, AdapterIdFault, nameof(adapterId))}/{leaf}");

    private static ObjectName In(string container, string collection, string rest) =>
        new(container, $"{Good(collection, CollectionFault, nameof(collection))}/{rest}");
}

/// <summary>Which report is meant: of a suite, on a day, of a checkpoint.</summary>
/// <param name="Date">The day, in UTC, on which it was queued.</param>
/// <param name="Checkpoint">The checkpoint id.</param>
/// <param name="Suite">The suite's name.</param>
public sealed record ReportId(DateOnly Date, string Checkpoint, string Suite);
