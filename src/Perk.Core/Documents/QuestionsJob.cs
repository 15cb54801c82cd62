using Perk.Core.Jobs;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>Questions to one stored adapter become answers in the store.</summary>
/// <param name="store">Adapters, answers and job records.</param>
/// <param name="checkpoint">What to answer with.</param>
/// <param name="encode">Knows a document's adapter id.</param>
/// <param name="accelerator">Held while numerics run.</param>
/// <param name="time">The clock.</param>
public sealed class QuestionsJob(IObjectStore store, Checkpoint checkpoint, EncodeJob encode, SemaphoreSlim accelerator, TimeProvider time)
{
    private readonly AdapterArchive _archive = new(store);

    /// <summary>Whether every question of a message has been answered.</summary>
    public async Task<bool> IsAnsweredAsync(QuestionsMessage message, CancellationToken cancel) => (await OpenAsync(message, cancel)).Count == 0;

    /// <summary>The work of a message, for <see cref="JobHost"/>: what can never succeed becomes failed answers.</summary>
    public async Task<JobEnd> WorkAsync(QuestionsMessage message, CancellationToken cancel)
    {
        var open = await OpenAsync(message, cancel);
        if (open.Count == 0) return JobEnd.Success;

        var adapter = message.Adapter ?? encode.AdapterId(message.Collection, message.Document!);
        try
        {
            if (message.Checkpoint != checkpoint.Id)
                throw new QuestionException($"The message asks for checkpoint {message.Checkpoint}; this host serves {checkpoint.Id} ({checkpoint.ModelName}).");
            if (await _archive.FindAsync(message.Collection, adapter, cancel) is not { } manifest)
            {
                await RequireMayComeAsync(message, adapter, cancel);
                return new JobEnd(JobStatus.Queued, "Its document is not encoded yet.");
            }

            if (message.Document is { } document && manifest.Document != document)
                throw new QuestionException($"The adapter {adapter} is not of document {document} but of {manifest.Document}.");
            await AnswerAsync(message.Collection, manifest, open, cancel);
        }
        catch (Exception e) when (e is QuestionException || EncodeJob.IsFatal(e))
        {
            foreach (var question in open) await FailAsync(message.Collection, question, adapter, e.Message, JobStatus.Failed, cancel);
            return new JobEnd(JobStatus.Failed, e.Message);
        }

        return JobEnd.Success;
    }

    /// <summary>Ends every question of a message that was given up and has no answer.</summary>
    public async Task DeadLetterAsync(QuestionsMessage message, string reason, CancellationToken cancel)
    {
        foreach (var question in message.Questions)
            await FailAsync(message.Collection, question, message.Adapter, reason, JobStatus.DeadLettered, cancel);
    }

    /// <summary>The questions that have no answer yet.</summary>
    /// <exception cref="MessageFormatException">An id is taken.</exception>
    private async Task<List<Question>> OpenAsync(QuestionsMessage message, CancellationToken cancel)
    {
        var open = new List<Question>();
        foreach (var (i, question) in message.Questions.Index())
        {
            if (await StoredAnswer.FindAsync(store, message.Collection, question.Id, cancel) is not { Status: JobStatus.Succeeded } answer)
                open.Add(question);
            else if (answer.Question != question.Text || (message.Adapter is { } asked && answer.Adapter != asked))
                throw MessageFormatException.For($"questions[{i}].id", $"the id {question.Id} is taken: another question, or one to another adapter, was answered under it.");
        }

        return open;
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

    /// <summary>Throws where an adapter that is not there will never come.</summary>
    private async Task RequireMayComeAsync(QuestionsMessage message, string adapter, CancellationToken cancel)
    {
        if (await JobRecord.FindAsync(store, message.Collection, Names.EncodeJob(adapter), cancel) is { HasEnded: true, Status: not JobStatus.Succeeded } ended)
            throw new QuestionException($"The document could not be encoded: {ended.Reason}");
        if (message.Document is not { } document)
            throw new QuestionException($"There is no adapter {adapter} in collection {message.Collection}; ask by document to wait for one.");
        if (!await new DocumentShelf(store).HasAsync(message.Collection, document, cancel))
            throw new QuestionException($"There is no document {document} in collection {message.Collection}; submit it first.");
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
