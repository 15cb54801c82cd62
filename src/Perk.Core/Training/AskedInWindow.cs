using Perk.Core.Documents;
using Perk.Core.Models;
using Perk.Core.Tasks;

namespace Perk.Core.Training;

/// <summary>A context, then questions, each with its answer after it; loss on the answers only.</summary>
internal static class AskedInWindow
{
    /// <summary>The sequence with as many of the questions as fit; null where not even the first one does.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="tokens">The longest sequence.</param>
    /// <param name="problem">Context and questions.</param>
    /// <param name="contentWeight">How much content weighs among an answer's tokens.</param>
    internal static WeightedSequence? Sequence(TextTokenizer tokenizer, int tokens, Problem problem, double contentWeight)
    {
        WeightedSequence? whole = null;
        var answers = ContentWords.Of(problem.Questions.SelectMany(q => q.Answers));
        foreach (var question in problem.Questions)
        {
            var prompt = whole is null
                ? PromptFormat.InContext(tokenizer, problem.Context, question.Text)
                : PromptFormat.InContext(tokenizer, "", question.Text);
            var next = Asked(prompt, question);
            if ((whole?.Ids.Length ?? 0) + next.Ids.Length > tokens) break;
            whole = whole is null ? next : new WeightedSequence([.. whole.Ids, .. next.Ids], [.. whole.Weights, .. next.Weights]);
        }

        return whole;

        WeightedSequence Asked(int[] prompt, ProblemQuestion question)
        {
            var answer = AnswerTarget.Of(question, lead: false);
            int[] target = [.. tokenizer.Encode(answer), tokenizer.EosId];
            return WeightedSequence.Of(prompt, target, ContentWords.Weights(tokenizer, answer, target, answers, contentWeight));
        }
    }
}
