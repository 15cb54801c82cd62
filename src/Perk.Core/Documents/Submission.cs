using System.Text;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>Puts documents and questions where a host finds them. Loads no model: the checkpoint is known by its files' hashes.</summary>
/// <param name="account">Blobs and queues.</param>
/// <param name="source">The checkpoint the host serves.</param>
/// <param name="options">The encoding options of the host.</param>
/// <param name="time">The clock.</param>
public sealed class Submission(StorageAccount account, CheckpointSource source, EncodingOptions options, TimeProvider time)
{
    private readonly string _checkpoint = source.Id();
    private readonly LoraOptions _lora = source.Lora();

    /// <summary>Uploads a document, then queues it.</summary>
    /// <param name="collection">The collection.</param>
    /// <param name="content">The bytes, any text encoding.</param>
    /// <param name="name">What the submitter calls it.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>The message as sent; its job names the adapter.</returns>
    /// <exception cref="DocumentException">It is over the limit.</exception>
    public async Task<EncodeMessage> SendDocumentAsync(string collection, byte[] content, string? name, CancellationToken cancel)
    {
        var document = await new DocumentShelf(account.Objects).AddAsync(collection, content, name, time.GetUtcNow(), cancel);
        var message = new EncodeMessage
        {
            Collection = collection,
            Document = document,
            Checkpoint = _checkpoint,
            Job = Names.EncodeJob(AdapterId(collection, document)),
        };
        await JobResult.ForgetFailureAsync(account.Objects, collection, message.Job, cancel);
        await account.SendAsync(Names.EncodeQueue, Encoding.UTF8.GetBytes(message.ToJson()), TimeSpan.Zero, cancel);
        return message;
    }

    /// <summary>Queues questions to a document, which may still be waiting to be encoded.</summary>
    /// <returns>The message as sent, with the questions' ids: sha256 over adapter id and text.</returns>
    /// <exception cref="ArgumentException">There is no question.</exception>
    /// <exception cref="MessageFormatException">A question is empty or too long, or there are too many.</exception>
    public async Task<QuestionsMessage> SendQuestionsAsync(string collection, string document, IEnumerable<string> questions, CancellationToken cancel)
    {
        var adapter = AdapterId(collection, document);
        Question[] asked = [.. questions.Distinct(StringComparer.Ordinal).Select(text => new Question(Ids.Sha256($"{adapter}\n{text}"), text))];
        if (asked.Length == 0) throw new ArgumentException("There is no question; ask at least one.");
        var message = new QuestionsMessage
        {
            Collection = collection,
            Document = document,
            Adapter = adapter,
            Checkpoint = _checkpoint,
            Questions = asked,
            Job = Names.AskJob(asked[0].Id),
        };
        var body = Encoding.UTF8.GetBytes(message.ToJson()); // Refused before anything is touched.
        foreach (var question in asked) await StoredAnswer.ForgetFailureAsync(account.Objects, collection, question.Id, cancel);
        await account.SendAsync(Names.QuestionsQueue, body, TimeSpan.Zero, cancel);
        return message;
    }

    private string AdapterId(string collection, string document) => options.AdapterId(collection, document, _checkpoint, _lora);
}
