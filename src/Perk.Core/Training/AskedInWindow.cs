using Perk.Core.Documents;
using Perk.Core.Models;
using Perk.Core.Tasks;

namespace Perk.Core.Training;

/// <summary>A question with its context before it and its answer after it; loss on the answer only.</summary>
internal static class AskedInWindow
{
    /// <summary>The sequence, or null where it is longer than allowed.</summary>
    internal static WeightedSequence? Sequence(TextTokenizer tokenizer, int tokens, string context, ProblemQuestion question)
    {
        var prompt = PromptFormat.InContext(tokenizer, context, question.Text);
        var answer = PromptFormat.Answer([.. question.Support.Select(s => s.Text)], question.Steps, question.Answers[0]);
        int[] target = [.. tokenizer.Encode(answer), tokenizer.EosId];
        return prompt.Length + target.Length <= tokens ? WeightedSequence.Of(prompt, target) : null;
    }
}
