using Perk.Core.Jobs;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Perk.Core.Telemetry;

namespace Perk.Core.Documents;

/// <summary>Questions to one stored adapter, or to those of several documents, become answers in the store.</summary>
/// <param name="store">Adapters, answers and job records.</param>
/// <param name="checkpoint">What to answer with.</param>
/// <param name="encode">Knows a document's adapter id.</param>
/// <param name="asker">Asks.</param>
/// <param name="time">The clock.</param>
public sealed class QuestionsJob(IObjectStore store, Checkpoint checkpoint, EncodeJob encode, DocumentAsker asker, TimeProvider time)
{
    private readonly AdapterArchive _archive = new(store);
    private readonly DocumentShelf _shelf = new(store);

    /// <summary>Whether every question of a message has been answered.</summary>
    /// <exception cref="MessageFormatException">Something else was answered under a question's id.</exception>
    public async Task<bool> IsAnsweredAsync(QuestionsMessage message, CancellationToken cancel) => (await OpenAsync(message, cancel)).Count == 0;

    /// <summary>The work of a message, for <see cref="JobHost"/>: what can never succeed becomes failed answers.</summary>
    public async Task<JobEnd> WorkAsync(QuestionsMessage message, CancellationToken cancel)
    {
        var open = await OpenAsync(message, cancel);
        if (open.Count == 0) return JobEnd.Success;
        var targets = Targets(message);
        if (message.Checkpoint != checkpoint.Id)
            return await FailAllAsync(FaultKind.Options, $"The message asks for checkpoint {message.Checkpoint}; this host serves {checkpoint.Id} ({checkpoint.ModelName}).");
        if (message.Deadline is { } deadline && deadline <= time.GetUtcNow())
            return await FailAllAsync(FaultKind.Deadline, $"The deadline, {deadline:u}, passed before there was an answer; ask again with a later one, or without.");

        var found = new List<Found>();
        foreach (var target in targets)
        {
            var (manifest, reason) = await FindAsync(message.Collection, target, cancel);
            if (manifest is not null || reason is not null)
            {
                found.Add(new Found(target, manifest, reason));
            }
            else
            {
                return new JobEnd(JobStatus.Queued, "A document is not encoded yet.");
            }
        }

        if (targets.Count == 1 && found[0].Reason is { } alone) return await FailAllAsync(FaultKind.Document, alone);
        var answers = new List<IReadOnlyList<DocumentAnswer>>(); // of each target, one for each question
        foreach (var each in found) answers.Add(await AnswersAsync(each, open, cancel));
        foreach (var (i, question) in open.Index())
        {
            DocumentAnswer[] all = [.. answers.Select(a => a[i]).OrderByDescending(a => a.Score ?? double.NegativeInfinity)];
            await SaveAsync(message.Collection, question, all, cancel);
            Instruments.Answers.Add(1);
        }

        await TakeBackDeletedAsync(message.Collection, open, found, cancel);

        return answers.Exists(a => a.Any(each => each.Reason is null)) ? JobEnd.Success : JobEnd.Failure(FaultKind.Document, answers[0][0].Reason!);

        async Task<JobEnd> FailAllAsync(FaultKind kind, string reason)
        {
            var adapter = targets.Count == 1 ? targets[0].Adapter : null;
            foreach (var question in open) await FailAsync(message.Collection, question, adapter, reason, JobStatus.Failed, cancel);
            return JobEnd.Failure(kind, reason);
        }
    }

    /// <summary>Ends every question of a message that was given up and has no answer.</summary>
    public async Task DeadLetterAsync(QuestionsMessage message, string reason, CancellationToken cancel)
    {
        foreach (var question in message.Questions)
            await FailAsync(message.Collection, question, message.Adapter, reason, JobStatus.DeadLettered, cancel);
    }

    private List<Target> Targets(QuestionsMessage message) => message.Documents is { } several
        ? [.. several.Select(document => new Target(document, encode.AdapterId(message.Collection, document)))]
        : [new Target(message.Document, message.Adapter ?? encode.AdapterId(message.Collection, message.Document!))];

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

    /// <summary>A target's adapter, or why there will never be one; neither while it may come.</summary>
    private async Task<(AdapterManifest? Manifest, string? Reason)> FindAsync(string collection, Target target, CancellationToken cancel)
    {
        try
        {
            if (await _archive.FindAsync(collection, target.Adapter, cancel) is { } manifest)
            {
                return target.Document is null || manifest.Document == target.Document
                    ? (manifest, null)
                    : (null, $"The adapter {target.Adapter} is not of document {target.Document} but of {manifest.Document}.");
            }
        }
        catch (ModelFileException e)
        {
            return (null, e.Message);
        }

        if (await JobRecord.FindEndedAsync(store, collection, Names.EncodeJob(target.Adapter), cancel) is { Status: not JobStatus.Succeeded } ended)
            return (null, $"The document could not be encoded: {ended.Reason}");
        if (target.Document is not { } document)
            return (null, $"There is no adapter {target.Adapter} in collection {collection}; ask by document to wait for one.");
        return await _shelf.HasAsync(collection, document, cancel) ? (null, null) : (null, $"There is no document {document} in collection {collection}; submit it first.");
    }

    private async Task<IReadOnlyList<DocumentAnswer>> AnswersAsync(Found found, List<Question> questions, CancellationToken cancel)
    {
        var reason = found.Reason;
        try
        {
            if (found.Manifest is { } manifest) return await asker.AskAsync(manifest, [.. questions.Select(q => q.Text)], cancel);
        }
        catch (ModelFileException e)
        {
            reason = e.Message;
        }

        return [.. questions.Select(_ => new DocumentAnswer(found.Target.Document, found.Target.Adapter, reason, null, null, [], null, 0, 0))];
    }

    private async Task SaveAsync(string collection, Question question, DocumentAnswer[] all, CancellationToken cancel)
    {
        var best = all[0];
        if (best.Reason is { } reason)
        {
            await FailAsync(collection, question, best.Adapter, reason, JobStatus.Failed, cancel);
            return;
        }

        // A mark first, so that whoever deletes a document finds every answer that has its words.
        foreach (var document in all.Where(a => a is { Reason: null, Document: not null }).Select(a => a.Document!))
            await store.TryCreateAsync(Names.DocumentAnswer(collection, document, question.Id), ReadOnlyMemory<byte>.Empty, cancel);
        await new StoredAnswer
            {
                Id = question.Id,
                Question = question.Text,
                Status = JobStatus.Succeeded,
                Answer = best.Answer,
                Text = best.Text,
                Support = best.Support,
                Score = best.Score,
                Document = best.Document,
                Adapter = best.Adapter,
                Documents = all.Length == 1 ? [] : all,
                Checkpoint = checkpoint.Id,
                Tokens = best.Tokens,
                AnswerSeconds = best.Seconds,
                Answered = time.GetUtcNow(),
            }.SaveAsync(store, collection, cancel);
    }

    /// <summary>Answers from a document that was deleted meanwhile go with it.</summary>
    private async Task TakeBackDeletedAsync(string collection, List<Question> questions, List<Found> found, CancellationToken cancel)
    {
        foreach (var document in found.Where(f => f.Manifest is not null).Select(f => f.Manifest!.Document))
        {
            if (!await store.ExistsAsync(Names.DocumentTombstone(collection, document), cancel)) continue;
            foreach (var question in questions) await store.DeleteAsync(Names.Answer(collection, question.Id), CancellationToken.None);
            await _shelf.RequireNotDeletedAsync(collection, document, cancel);
        }
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

    private sealed record Target(string? Document, string Adapter);

    private sealed record Found(Target Target, AdapterManifest? Manifest, string? Reason);
}
