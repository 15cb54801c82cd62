using System.Text;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Core.Telemetry;

namespace Perk.Core.Documents;

/// <summary>Puts documents and questions where a host finds them. Loads no model.</summary>
/// <param name="account">Blobs and queues.</param>
/// <param name="model">What the host serves.</param>
/// <param name="time">The clock.</param>
public sealed class Submission(StorageAccount account, ServedModel model, TimeProvider time)
{
    private readonly JobLedger _ledger = new(account.Objects, new JobOptions(), time, worker: "");

    /// <summary>Uploads a document, then queues it.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="content">The bytes, any text encoding.</param>
    /// <param name="name">What the submitter calls it.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>The message as sent; its job names the adapter.</returns>
    /// <exception cref="DocumentException">It is over the limit.</exception>
    public async Task<EncodeMessage> SendDocumentAsync(string collection, byte[] content, string? name, CancellationToken cancel)
    {
        using var span = Traces.Send(Names.EncodeQueue);
        var document = await new DocumentShelf(account.Objects).AddAsync(collection, content, name, time.GetUtcNow(), cancel);
        var message = new EncodeMessage
        {
            Collection = collection,
            Document = document,
            Checkpoint = model.Id,
            Job = Names.EncodeJob(model.AdapterId(collection, document)),
            Traceparent = Traces.Traceparent(),
        };
        var archive = new AdapterArchive(account.Objects);
        var queued = await _ledger.QueueAsync(
            Names.EncodeQueue, collection, message.Job, generation => (message with { Generation = generation }).ToJson(),
            async () => await archive.FindWholeAsync(collection, Names.AdapterOf(message.Job), cancel) is not null, cancel);
        await SendAsync(queued, cancel);
        return message with { Generation = queued.Record.Generation };
    }

    /// <summary>Queues questions to a document, which may still be waiting to be encoded.</summary>
    /// <inheritdoc cref="SendQuestionsAsync(string, IReadOnlyList{string}, IEnumerable{string}, DateTimeOffset?, CancellationToken)"/>
    public Task<QuestionsMessage> SendQuestionsAsync(string collection, string document, IEnumerable<string> questions, CancellationToken cancel) =>
        SendQuestionsAsync(collection, [document], questions, null, cancel);

    /// <summary>Queues questions to documents, which may still be waiting to be encoded; with several each answers, the surest answer stands first.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="documents">The documents' ids.</param>
    /// <param name="questions">The questions' texts.</param>
    /// <param name="deadline">When questions without an answer fail; null for never.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>The message as sent, with the questions' ids: sha256 over adapter ids and text.</returns>
    /// <exception cref="ArgumentException">There is no question.</exception>
    /// <exception cref="MessageFormatException">A question is empty or too long, or there are too many.</exception>
    public async Task<QuestionsMessage> SendQuestionsAsync(
        string collection, IReadOnlyList<string> documents, IEnumerable<string> questions, DateTimeOffset? deadline, CancellationToken cancel)
    {
        using var span = Traces.Send(Names.QuestionsQueue);
        string[] targets = [.. documents.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var adapters = string.Join('\n', targets.Select(document => model.AdapterId(collection, document)));
        Question[] asked = [.. questions.Distinct(StringComparer.Ordinal).Select(text => new Question(Ids.Sha256($"{adapters}\n{text}"), text))];
        if (asked.Length == 0) throw new ArgumentException("There is no question; ask at least one.");
        var message = new QuestionsMessage
        {
            Collection = collection,
            Document = targets.Length == 1 ? targets[0] : null,
            Documents = targets.Length == 1 ? null : targets,
            Adapter = targets.Length == 1 ? adapters : null,
            Checkpoint = model.Id,
            Questions = asked,
            Deadline = deadline,
            Job = Names.AskJob(asked.Length == 1 ? asked[0].Id : Ids.Sha256(string.Join('\n', asked.Select(q => q.Id)))),
            Traceparent = Traces.Traceparent(),
        };
        message.ToJson(); // Refused before anything is touched.
        var queued = await _ledger.QueueAsync(
            Names.QuestionsQueue, collection, message.Job, generation => (message with { Generation = generation }).ToJson(), AllAnsweredAsync, cancel,
            record => QuestionsMessage.Parse(record.Message).Deadline == deadline);
        if (queued.Send)
            foreach (var question in asked) await StoredAnswer.ForgetFailureAsync(account.Objects, collection, question.Id, cancel);
        await SendAsync(queued, cancel);
        return message with { Generation = queued.Record.Generation };

        async Task<bool> AllAnsweredAsync()
        {
            foreach (var question in asked)
                if (await StoredAnswer.FindAsync(account.Objects, collection, question.Id, cancel) is not { Status: JobStatus.Succeeded }) return false;
            return true;
        }
    }

    private async Task SendAsync(QueuedJob queued, CancellationToken cancel)
    {
        if (queued.Send) await account.SendAsync(queued.Record.Queue, Encoding.UTF8.GetBytes(queued.Record.Message), TimeSpan.Zero, cancel);
    }
}
