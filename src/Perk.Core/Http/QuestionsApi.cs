using System.Globalization;
using Microsoft.AspNetCore.Http;
using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Core.Http;

/// <summary>Questions in, answers out.</summary>
/// <param name="store">The answers.</param>
/// <param name="submission">Submits; made inside a request, since its model may not be had.</param>
/// <param name="guard">Lets requests in.</param>
public sealed class QuestionsApi(IObjectStore store, Func<Submission> submission, HttpGuard guard)
{
    /// <summary>POST <see cref="Routes.Questions"/> with <see cref="AskedQuestions"/>: 202 with the job's address in Location and <see cref="SubmittedQuestions"/>.</summary>
    public Task<IResult> AskAsync(HttpRequest request, string collection, CancellationToken cancel) => guard.AnswerAsync(request, async () =>
    {
        NameRules.Good(collection, NameRules.CollectionFault, nameof(collection));
        var asked = await HttpBody.ReadAsync<AskedQuestions>(request, cancel);
        if (asked.Documents.Count == 0) throw new HttpProblemException(400, "documents names none; name one or more document ids.");
        foreach (var document in asked.Documents)
            if (NameRules.DocumentIdFault(document) is { } fault) throw new HttpProblemException(400, $"documents: {fault}");
        if (asked.Questions.Count == 0) throw new HttpProblemException(400, "questions holds none; ask at least one.");
        var sent = await SendAsync(submission(), collection, asked, cancel);
        var address = Routes.OfJob(collection, sent.Job);
        request.HttpContext.Response.Headers.Location = address;
        request.HttpContext.Response.Headers.RetryAfter = 1.ToString(CultureInfo.InvariantCulture);
        return Results.Json(
            new SubmittedQuestions(collection, sent.Job, address, [.. sent.Questions.Select(q => new SubmittedQuestion(q.Id, q.Text, Routes.OfAnswer(collection, q.Id)))]),
            Json.Indented, statusCode: 202);
    });

    /// <summary>GET <see cref="Routes.Answer"/>: 200 with a <see cref="StoredAnswer"/>, which may be a failure with its reason; 404 while there is none.</summary>
    public Task<IResult> AnswerAsync(HttpRequest request, string collection, string question, CancellationToken cancel) => guard.AnswerAsync(request, async () =>
        await StoredAnswer.FindAsync(store, collection, question, cancel) is { } answer
            ? Results.Json(answer, Json.Indented)
            : throw new HttpProblemException(404, $"There is no answer to question {question} in collection {collection}, or none yet; its job says how it stands."));

    private static async Task<QuestionsMessage> SendAsync(Submission submission, string collection, AskedQuestions asked, CancellationToken cancel)
    {
        try
        {
            return await submission.SendQuestionsAsync(collection, asked.Documents, asked.Questions, asked.Deadline, cancel);
        }
        catch (MessageFormatException e)
        {
            throw new HttpProblemException(400, e.Message);
        }
    }
}

/// <summary>Questions to one or several documents.</summary>
/// <param name="Documents">The document ids; they may still be waiting to be encoded.</param>
/// <param name="Questions">The questions.</param>
/// <param name="Deadline">When questions without an answer fail; null for never.</param>
public sealed record AskedQuestions(IReadOnlyList<string> Documents, IReadOnlyList<string> Questions, DateTimeOffset? Deadline = null);

/// <summary>Questions that were taken.</summary>
/// <param name="Collection">The collection.</param>
/// <param name="Job">The job that answers them.</param>
/// <param name="Location">The job's address.</param>
/// <param name="Questions">Each with its id and where its answer will be.</param>
public sealed record SubmittedQuestions(string Collection, string Job, string Location, IReadOnlyList<SubmittedQuestion> Questions);

/// <summary>A question that was taken.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">Its text.</param>
/// <param name="Answer">The address of its answer.</param>
public sealed record SubmittedQuestion(string Id, string Text, string Answer);
