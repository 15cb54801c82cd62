using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Core.Telemetry;

namespace Perk.Core.Documents;

/// <summary>Questions to one stored adapter, or to those of several documents, become answers in the store.</summary>
/// <param name="store">Adapters, answers and job records.</param>
/// <param name="model">What to answer with.</param>
/// <param name="asker">Asks.</param>
/// <param name="time">The clock.</param>
public sealed class QuestionsJob(IObjectStore store, ServedModel model, DocumentAsker asker, TimeProvider time)
{
    private readonly AdapterLookup _lookup = new(store, asker, time);
    private readonly DocumentShelf _shelf = new(store);

    /// <summary>Whether every question of a message has been answered or has failed.</summary>
    public async Task<bool> HasEndedAsync(QuestionsMessage message, CancellationToken cancel)
    {
        foreach (var question in message.Questions)
            if ((await StoredAnswer.FindAsync(store, message.Collection, question.Id, cancel))?.Question != question.Text) return false;
        return true;
    }

    /// <summary>Checks that nothing else was answered under the ids of a message's questions.</summary>
    /// <exception cref="MessageFormatException">An id is taken.</exception>
    public Task RequireFreeIdsAsync(QuestionsMessage message, CancellationToken cancel) => OpenAsync(message, cancel);

    /// <summary>The work of a message, for <see cref="JobHost"/>: what can never succeed becomes failed answers.</summary>
    /// <param name="message">The message.</param>
    /// <param name="run">Says when it was asked; its token is checked before each token of an answer.</param>
    public async Task<JobEnd> WorkAsync(QuestionsMessage message, JobRun run)
    {
        var (queued, cancel) = (run.Record.Queued, run.Stopping);
        var open = await OpenAsync(message, cancel);
        if (open.Count == 0)
        {
            // An earlier try may have been killed between an answer and the look whether its document is still there.
            await TakeBackDeletedAsync(message, await AnsweredFromAsync(message, cancel), cancel);
            return JobEnd.Success;
        }

        var targets = Targets(message);
        if (message.Checkpoint != model.Id)
            return await FailAllAsync(FaultKind.Options, $"The message asks for checkpoint {message.Checkpoint}; this host serves {model.Id} ({model.Name}). Ask with the same --model and --checkpoint as the host's.");
        if (message.Deadline is { } deadline && deadline <= time.GetUtcNow())
            return await FailAllAsync(FaultKind.Deadline, $"The deadline, {deadline:u}, passed before there was an answer; ask again with a later one, or without.");

        var found = new List<Found>();
        foreach (var target in targets)
        {
            var (manifest, reason) = await _lookup.FindAsync(message.Collection, target, queued, cancel);
            if (manifest is not null || reason is not null)
            {
                found.Add(new Found(target, manifest, reason));
            }
            else
            {
                return new JobEnd(JobStatus.Queued, $"The document {target.Document} is not encoded yet; perk jobs show {Names.EncodeJob(target.Adapter)} says how far it is. If there is no such job, submit it with this host's model and options.");
            }
        }

        if (targets.Count == 1 && found[0].Reason is { } alone) return await FailAllAsync(FaultKind.Document, alone);
        var answers = new List<IReadOnlyList<DocumentAnswer>>(); // of each target, one for each question
        foreach (var each in found) answers.Add(await AnswersAsync(each, open, run));
        foreach (var (i, question) in open.Index())
        {
            DocumentAnswer[] all = [.. answers.Select(a => a[i]).OrderBy(a => a.Reason is not null).ThenByDescending(a => a.Score ?? double.NegativeInfinity)];
            await SaveAsync(message.Collection, question, all, cancel);
            if (all[0].Reason is null) Instruments.Answers.Add(1);
        }

        await TakeBackDeletedAsync(message, found.Where(f => f.Manifest is not null).Select(f => f.Manifest!.Document), cancel);

        return answers.Exists(a => a.Any(each => each.Reason is null)) ? JobEnd.Success : JobEnd.Failure(FaultKind.Document, answers[0][0].Reason!);

        async Task<JobEnd> FailAllAsync(FaultKind kind, string reason)
        {
            var adapter = targets.Count == 1 ? targets[0].Adapter : null;
            foreach (var question in open) await FailAsync(message.Collection, question, adapter, reason, JobStatus.Failed, cancel);
            return JobEnd.Failure(kind, reason);
        }
    }

    /// <summary>Gives every question of a message that has neither answer nor failure the end of its job, so that nobody waits for it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="record">The job as it stands; of a later generation where the message is older.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task EndOpenAsync(QuestionsMessage message, JobRecord record, CancellationToken cancel)
    {
        var later = record.Generation > message.Generation;
        if (!later && (!record.HasEnded || record.Status == JobStatus.Succeeded)) return;
        var asked = later ? QuestionsMessage.Parse(record.Message).Questions.Select(q => q.Id).ToHashSet(StringComparer.Ordinal) : [];
        foreach (var question in message.Questions.Where(q => !asked.Contains(q.Id)))
        {
            if (await StoredAnswer.FindAsync(store, message.Collection, question.Id, cancel) is not null) continue;
            var (status, reason) = later
                ? (JobStatus.Failed, $"Its job, {message.Job}, was submitted again with other questions; ask it under a job of its own.")
                : (record.Status, record.Reason ?? $"Its job has ended without an answer; perk jobs replay {record.Job} asks again.");
            await FailAsync(message.Collection, question, message.Adapter, reason, status, cancel);
        }
    }

    private List<AskedAdapter> Targets(QuestionsMessage message) => message.Documents is { } several
        ? [.. several.Select(document => new AskedAdapter(document, model.AdapterId(message.Collection, document)))]
        : [new AskedAdapter(message.Document, message.Adapter ?? model.AdapterId(message.Collection, message.Document!))];

    /// <summary>The questions that have no answer yet.</summary>
    /// <exception cref="MessageFormatException">An id is taken.</exception>
    private async Task<List<Question>> OpenAsync(QuestionsMessage message, CancellationToken cancel)
    {
        var open = new List<Question>();
        foreach (var (i, question) in message.Questions.Index())
        {
            if (await StoredAnswer.FindAsync(store, message.Collection, question.Id, cancel) is not { Status: JobStatus.Succeeded } answer)
                open.Add(question);
            else if (answer.Question != question.Text || !IsOf(answer, message))
                throw MessageFormatException.For($"questions[{i}].id", $"the id {question.Id} is taken: another question, or one to another document or adapter, was answered under it; use another id.");
        }

        return open;
    }

    /// <summary>Whether an answer is from what a message asks.</summary>
    private static bool IsOf(StoredAnswer answer, QuestionsMessage message) =>
        message.Documents is { } several ? several.ToHashSet(StringComparer.Ordinal).SetEquals(answer.Documents.Count > 0 ? answer.Documents.Select(d => d.Document!) : [answer.Document!])
        : answer.Documents.Count == 0 && (message.Adapter is { } adapter ? answer.Adapter == adapter : answer.Document == message.Document);

    /// <summary>The documents that a message's answers are from.</summary>
    private async Task<IEnumerable<string>> AnsweredFromAsync(QuestionsMessage message, CancellationToken cancel)
    {
        var documents = new HashSet<string>(StringComparer.Ordinal);
        foreach (var question in message.Questions)
        {
            if (await StoredAnswer.FindAsync(store, message.Collection, question.Id, cancel) is not { } answer) continue;
            documents.UnionWith(answer.Documents.Select(d => d.Document).Append(answer.Document).OfType<string>());
        }

        return documents;
    }

    private async Task<IReadOnlyList<DocumentAnswer>> AnswersAsync(Found found, List<Question> questions, JobRun run)
    {
        var reason = found.Reason;
        try
        {
            if (found.Manifest is { } manifest) return await asker.AskAsync(manifest, [.. questions.Select(q => q.Text)], run.Stopping, run.Computes);
        }
        catch (ModelFileException e)
        {
            reason = AdapterLookup.Cure(e);
        }

        return [.. questions.Select(_ => new DocumentAnswer(found.Target.Document, found.Target.Adapter, reason, null, null, [], null, 0, 0))];
    }

    private async Task SaveAsync(string collection, Question question, DocumentAnswer[] all, CancellationToken cancel)
    {
        var best = all[0];
        if (best.Reason is { } reason)
        {
            await FailAsync(collection, question, best.Adapter, reason, JobStatus.Failed, cancel, all.Length == 1 ? [] : all);
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
                Checkpoint = model.Id,
                Tokens = best.Tokens,
                AnswerSeconds = best.Seconds,
                Answered = time.GetUtcNow(),
            }.SaveAsync(store, collection, cancel);
    }

    /// <summary>Answers from a document that was deleted meanwhile go with it.</summary>
    /// <exception cref="DocumentException">It was.</exception>
    private async Task TakeBackDeletedAsync(QuestionsMessage message, IEnumerable<string> documents, CancellationToken cancel)
    {
        foreach (var document in documents)
        {
            if (!await store.ExistsAsync(Names.DocumentTombstone(message.Collection, document), cancel)) continue;
            foreach (var question in message.Questions) await store.DeleteAsync(Names.Answer(message.Collection, question.Id), CancellationToken.None);
            await _shelf.RequireNotDeletedAsync(message.Collection, document, cancel);
        }
    }

    private Task FailAsync(string collection, Question question, string? adapter, string reason, JobStatus status, CancellationToken cancel, IReadOnlyList<DocumentAnswer>? documents = null) => new StoredAnswer
    {
        Id = question.Id,
        Question = question.Text,
        Status = status,
        Reason = reason,
        Adapter = adapter,
        Documents = documents ?? [],
        Checkpoint = model.Id,
        Answered = time.GetUtcNow(),
    }.SaveAsync(store, collection, cancel);

    private sealed record Found(AskedAdapter Target, AdapterManifest? Manifest, string? Reason);
}
