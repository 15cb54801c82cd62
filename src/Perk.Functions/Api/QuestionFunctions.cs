using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Http;

namespace Perk.Functions.Api;

/// <summary>Questions in, answers out.</summary>
/// <param name="questions">Answers.</param>
public sealed class QuestionFunctions(QuestionsApi questions)
{
    /// <summary>Takes questions.</summary>
    [Function("ask")]
    public Task<IResult> AskAsync([HttpTrigger(Access.Level, "post", Route = Routes.Questions)] HttpRequest request, string collection, CancellationToken cancel) =>
        questions.AskAsync(request, collection, cancel);

    /// <summary>Gives an answer.</summary>
    [Function("get-answer")]
    public Task<IResult> AnswerAsync([HttpTrigger(Access.Level, "get", Route = Routes.Answer)] HttpRequest request, string collection, string question, CancellationToken cancel) =>
        questions.AnswerAsync(request, collection, question, cancel);
}
