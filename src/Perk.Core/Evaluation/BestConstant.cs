namespace Perk.Core.Evaluation;

/// <summary>
/// The control with hindsight: per kind of question the one answer that is right most often on the very questions asked. It bounds
/// what a model gets that says the same whatever the context and the question.
/// </summary>
public static class BestConstant
{
    /// <summary>The name of its rows.</summary>
    public const string Name = "constant";

    /// <summary>Its rows.</summary>
    /// <param name="asked">The rows of one method, one a question.</param>
    public static IReadOnlyList<EvaluationRow> Rows(IReadOnlyList<EvaluationRow> asked)
    {
        var best = asked.GroupBy(r => r.Kind, StringComparer.Ordinal).ToDictionary(
            kind => kind.Key,
            kind => kind
                .SelectMany(r => r.Gold.Select(AnswerText.Normalise).Distinct(StringComparer.Ordinal))
                .CountBy(answer => answer, StringComparer.Ordinal)
                .OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal)
                .First().Key,
            StringComparer.Ordinal);
        return [.. asked.Select(row => Row(row, best[row.Kind]))];
    }

    private static EvaluationRow Row(EvaluationRow row, string answer)
    {
        var score = AnswerScore.Of(answer, row.Gold);
        return row with
        {
            Method = Name,
            Answer = answer,
            Said = null,
            Support = [],
            ExactMatch = score.ExactMatch,
            TokenF1 = score.TokenF1,
            SubEM = score.SubEM,
            SupportPrecision = row.SupportPrecision is null ? null : 0,
            SupportRecall = row.SupportRecall is null ? null : 0,
            Seconds = null,
            PromptTokens = null,
            Fits = true,
        };
    }
}
