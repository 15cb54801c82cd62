using System.Diagnostics;
using Perk.Core.Documents;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>Asks a problem's questions by one method.</summary>
/// <param name="checkpoint">The model.</param>
/// <param name="options">How long answers may be and how much is retrieved.</param>
/// <param name="trained">The adapter of <see cref="AdapterUse.Trained"/>, or null.</param>
internal sealed class MethodAnswers(Checkpoint checkpoint, EvaluatorOptions options, Adapter? trained)
{
    private readonly QuestionAnswerer _answerer = new(checkpoint);

    /// <summary>One row a question.</summary>
    /// <param name="method">The method.</param>
    /// <param name="problem">The problem whose questions are asked.</param>
    /// <param name="asked">The numbers of the questions that are asked.</param>
    /// <param name="memory">What the method knows: of the same problem, or for a control of another.</param>
    /// <param name="cancel">Checked before each token.</param>
    public IReadOnlyList<EvaluationRow> Rows(
        EvaluationMethod method, Problem problem, IReadOnlyList<int> asked, ProblemMemory memory, CancellationToken cancel)
    {
        int[][] prompts = [.. asked.Select(number => Prompt(method, problem.Questions[number].Text, memory))];
        int[] fitting = [.. Enumerable.Range(0, prompts.Length).Where(i => Fits(prompts[i]))];
        var adapter = method.Adapter switch
        {
            AdapterUse.Encoded => memory.Encoded!.Adapter,
            AdapterUse.Trained => trained ?? throw new ArgumentException($"Method {method.Name} needs a trained adapter."),
            _ => null,
        };
        var clock = Stopwatch.StartNew();
        var decoded = _answerer.Answer(adapter, [.. fitting.Select(i => prompts[i])], options.MaxNewTokens, cancel);
        var seconds = clock.Elapsed.TotalSeconds / Math.Max(1, fitting.Length);

        var rows = prompts.Select((prompt, i) =>
            EvaluationRow.Of(problem, asked[i], method.Name, "", []) with { PromptTokens = prompt.Length, Fits = false }).ToArray();
        foreach (var (i, said) in fitting.Zip(decoded))
        {
            var row = EvaluationRow.Of(problem, asked[i], method.Name, said.Parsed.Answer, said.Parsed.Support);
            rows[i] = row with
            {
                PromptTokens = prompts[i].Length,
                Seconds = seconds,
                Said = said.Text.Trim() == row.Answer ? null : said.Text,
            };
        }

        return rows;
    }

    private int[] Prompt(EvaluationMethod method, string question, ProblemMemory memory)
    {
        var (tokenizer, segments) = (checkpoint.Tokenizer, memory.Segments.Count);
        int? written = method.Adapter == AdapterUse.Encoded ? segments : null;
        return method.Text switch
        {
            TextUse.None => PromptFormat.Question(tokenizer, segments, question),
            TextUse.Whole => PromptFormat.InContext(tokenizer, memory.Problem.Context, question, written),
            _ => Retrieved(question, memory, written),
        };
    }

    /// <summary>The best segments, in the document's order, as many as fit the window; the best alone where none does.</summary>
    private int[] Retrieved(string question, ProblemMemory memory, int? written)
    {
        int[] best = [.. memory.Index.Search(question, options.RetrievedSegments)];
        int[] prompt = [];
        for (var count = best.Length; count >= Math.Min(1, best.Length); count--)
        {
            var text = string.Join("\n\n", best.Take(count).Order().Select(i => memory.Segments[i].Text.Trim()));
            prompt = PromptFormat.InContext(checkpoint.Tokenizer, text, question, written);
            if (Fits(prompt)) break;
        }

        return prompt;
    }

    private bool Fits(int[] prompt) => prompt.Length + options.MaxNewTokens <= checkpoint.Model.MaxPositions;
}
