using Perk.Core.Documents;
using Perk.Core.Models;
using Perk.Core.Tasks;

namespace Perk.Core.Training;

/// <summary>A context, then questions, each with its answer after it; loss on the answers only.</summary>
internal static class AskedInWindow
{
    /// <summary>The sequence with as many of the questions as fit; null where not even the first one does.</summary>
    internal static WeightedSequence? Sequence(TextTokenizer tokenizer, int tokens, Problem problem)
    {
        WeightedSequence? whole = null;
        foreach (var question in problem.Questions)
        {
            var prompt = whole is null
                ? PromptFormat.InContext(tokenizer, problem.Context, question.Text)
                : PromptFormat.InContext(tokenizer, "", question.Text);
            var next = WeightedSequence.Of(prompt, Target(tokenizer, question));
            if ((whole?.Ids.Length ?? 0) + next.Ids.Length > tokens) break;
            whole = whole is null ? next : new WeightedSequence([.. whole.Ids, .. next.Ids], [.. whole.Weights, .. next.Weights]);
        }

        return whole;
    }

    private static int[] Target(TextTokenizer tokenizer, ProblemQuestion question)
    {
        var answer = PromptFormat.Answer([.. question.Support.Select(s => s.Text)], question.Steps, question.Answers[0]);
        return [.. tokenizer.Encode(answer), tokenizer.EosId];
    }
}
