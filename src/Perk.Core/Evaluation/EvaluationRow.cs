using System.Text.Json.Serialization;
using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>One question, answered by one method: a line of <c>problems.jsonl</c>.</summary>
public sealed record EvaluationRow
{
    /// <summary>The draw of the context.</summary>
    public required int Context { get; init; }

    /// <summary>The question's number within it, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>The method's name, or a control's.</summary>
    public required string Method { get; init; }

    /// <summary>The kind of question.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether the context holds the answer.</summary>
    public required Answerability Answerability { get; init; }

    /// <summary>The question.</summary>
    public required string Question { get; init; }

    /// <summary>The gold answers.</summary>
    public required IReadOnlyList<string> Gold { get; init; }

    /// <summary>The answer that counts: what stands inside <c>&lt;output&gt;</c>.</summary>
    public required string Answer { get; init; }

    /// <summary>All that the model said, where that is more.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Said { get; init; }

    /// <summary>The gold supporting lines.</summary>
    public required IReadOnlyList<string> GoldSupport { get; init; }

    /// <summary>The supporting lines that the answer gives.</summary>
    public required IReadOnlyList<string> Support { get; init; }

    /// <summary>The depth of each gold supporting line, 0 to 1.</summary>
    public required IReadOnlyList<double> Depth { get; init; }

    /// <summary>Whether the answer is right.</summary>
    public required bool ExactMatch { get; init; }

    /// <summary>Its token F1.</summary>
    public required double TokenF1 { get; init; }

    /// <summary>Whether it contains a gold answer.</summary>
    public required bool SubEM { get; init; }

    /// <summary>Precision of its support; null without gold lines.</summary>
    public double? SupportPrecision { get; init; }

    /// <summary>Recall of its support; null without gold lines.</summary>
    public double? SupportRecall { get; init; }

    /// <summary>Seconds to answer it, its share of a batch; null for controls that ask no model.</summary>
    public double? Seconds { get; init; }

    /// <summary>Tokens of the prompt; null for controls that ask no model.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>Whether prompt and answer fit the model's window. Where they do not, nothing was asked and the row is no answer.</summary>
    public bool Fits { get; init; } = true;

    /// <summary>Which question this row is about, the same for all methods.</summary>
    [JsonIgnore]
    public (int Context, int Number) Key => (Context, Number);

    /// <summary>Scores an answer.</summary>
    internal static EvaluationRow Of(Problem problem, int number, string method, string answer, IReadOnlyList<string> support)
    {
        var question = problem.Questions[number];
        string[] gold = [.. question.Support.Select(s => s.Text)];
        var score = AnswerScore.Of(answer, question.Answers);
        var supported = SupportScore.Of(support, gold);
        return new EvaluationRow
        {
            Context = problem.Index,
            Number = number,
            Method = method,
            Kind = question.Kind,
            Answerability = question.Answerability,
            Question = question.Text,
            Gold = question.Answers,
            Answer = answer,
            GoldSupport = gold,
            Support = support,
            Depth = [.. question.Support.Select(s => Math.Round(s.Depth, 4))],
            ExactMatch = score.ExactMatch,
            TokenF1 = score.TokenF1,
            SubEM = score.SubEM,
            SupportPrecision = supported?.Precision,
            SupportRecall = supported?.Recall,
        };
    }
}

/// <summary>One context of a run: a line of <c>contexts.jsonl</c>, written when all its questions are answered.</summary>
/// <param name="Context">The draw.</param>
/// <param name="ContextTokens">Its length in tokens of GPT-2's full tokenizer.</param>
/// <param name="ModelTokens">Its length in tokens of the model's tokenizer.</param>
/// <param name="Segments">How many segments it was cut into.</param>
/// <param name="EncodeSeconds">Seconds to write it into an adapter; null where no method needed that.</param>
public sealed record EvaluatedContext(int Context, int ContextTokens, int ModelTokens, int Segments, double? EncodeSeconds);
