using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>Questions to one stored adapter become answers in the store.</summary>
/// <param name="store">Adapters, answers and job results.</param>
/// <param name="checkpoint">What to answer with.</param>
/// <param name="encode">Knows a document's adapter id.</param>
/// <param name="accelerator">Held while numerics run.</param>
/// <param name="time">The clock.</param>
public sealed class QuestionsJob(IObjectStore store, Checkpoint checkpoint, EncodeJob encode, SemaphoreSlim accelerator, TimeProvider time)
{
    private readonly AdapterArchive _archive = new(store);

    /// <summary>Handles a message: what can never succeed becomes failed answers, anything else that goes wrong is thrown.</summary>
    /// <returns>False where the document is not encoded yet: send the message again, later.</returns>
    /// <exception cref="OperationCanceledException"/>
    public async Task<bool> HandleAsync(QuestionsMessage message, CancellationToken cancel)
    {
        var open = new List<Question>();
        foreach (var question in message.Questions)
            if (await StoredAnswer.FindAsync(store, message.Collection, question.Id, cancel) is not { Status: JobStatus.Succeeded }) open.Add(question);
        if (open.Count == 0) return true;

        var adapter = message.Adapter ?? encode.AdapterId(message.Collection, message.Document!);
        try
        {
            if (message.Checkpoint != checkpoint.Id)
                throw new QuestionException($"The message asks for checkpoint {message.Checkpoint}; this host serves {checkpoint.Id} ({checkpoint.ModelName}).");
            if (await _archive.FindAsync(message.Collection, adapter, cancel) is not { } manifest)
                return await MayComeAsync(message, adapter, cancel);
            await AnswerAsync(message.Collection, manifest, open, cancel);
        }
        catch (Exception e) when (e is QuestionException || EncodeJob.IsFatal(e))
        {
            foreach (var question in open) await FailAsync(message.Collection, question, adapter, e.Message, JobStatus.Failed, cancel);
        }

        return true;
    }

    /// <summary>Ends every question of a message that was given up and has no answer.</summary>
    public async Task DeadLetterAsync(QuestionsMessage message, string reason, CancellationToken cancel)
    {
        foreach (var question in message.Questions)
            await FailAsync(message.Collection, question, message.Adapter, reason, JobStatus.DeadLettered, cancel);
    }

    private async Task AnswerAsync(string collection, AdapterManifest manifest, List<Question> questions, CancellationToken cancel)
    {
        using var adapter = await _archive.LoadAsync(manifest, checkpoint, cancel);
        var answerer = new QuestionAnswerer(checkpoint);
        var fitting = new List<Question>();
        foreach (var question in questions)
        {
            if (answerer.Refusal(manifest.Segments, question.Text) is not { } reason) fitting.Add(question);
            else await FailAsync(collection, question, manifest.Adapter, reason, JobStatus.Failed, cancel);
        }

        if (fitting.Count == 0) return;
        var answers = await accelerator.RunAsync(
            () => answerer.Answer(adapter, manifest.Segments, [.. fitting.Select(q => q.Text)], cancel: cancel), cancel);
        foreach (var (question, answer) in fitting.Zip(answers))
        {
            await new StoredAnswer
            {
                Id = question.Id,
                Question = question.Text,
                Status = JobStatus.Succeeded,
                Answer = answer.Parsed.Answer,
                Text = answer.Text,
                Support = answer.Parsed.Support,
                Adapter = manifest.Adapter,
                Checkpoint = checkpoint.Id,
                Tokens = answer.Tokens,
                AnswerSeconds = answer.Elapsed.TotalSeconds,
                Answered = time.GetUtcNow(),
            }.SaveAsync(store, collection, cancel);
        }
    }

    /// <summary>Whether an adapter that is not there may still come.</summary>
    /// <returns>False, for "later"; throws where it never will.</returns>
    private async Task<bool> MayComeAsync(QuestionsMessage message, string adapter, CancellationToken cancel)
    {
        if (await JobResult.FindAsync(store, message.Collection, Names.EncodeJob(adapter), cancel) is { Status: not JobStatus.Succeeded } ended)
            throw new QuestionException($"The document could not be encoded: {ended.Reason}");
        if (message.Document is not { } document)
            throw new QuestionException($"There is no adapter {adapter} in collection {message.Collection}; ask by document to wait for one.");
        if (!await new DocumentShelf(store).HasAsync(message.Collection, document, cancel))
            throw new QuestionException($"There is no document {document} in collection {message.Collection}; submit it first.");
        return false;
    }

    private Task FailAsync(string collection, Question question, string? adapter, string reason, JobStatus status, CancellationToken cancel) => new StoredAnswer
    {
        Id = question.Id,
        Question = question.Text,
        Status = status,
        Reason = reason,
        Adapter = adapter,
        Checkpoint = checkpoint.Id,
        Answered = time.GetUtcNow(),
    }.SaveAsync(store, collection, cancel);

    private sealed class QuestionException(string message) : Exception(message);
}
