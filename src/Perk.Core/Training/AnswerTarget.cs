using Perk.Core.Documents;
using Perk.Core.Tasks;

namespace Perk.Core.Training;

/// <summary>What a model is trained to answer to a question.</summary>
internal static class AnswerTarget
{
    /// <summary>The answer in the format of <see cref="PromptFormat.Answer"/>.</summary>
    /// <param name="question">The question with what is right.</param>
    /// <param name="lead">Whether with the lines that lead to the support, which take a document written with an echo.</param>
    internal static string Of(ProblemQuestion question, bool lead) =>
        PromptFormat.Answer(lead ? question.Lead : [], [.. question.Support.Select(s => s.Text)], question.Steps, question.Answers[0]);
}
