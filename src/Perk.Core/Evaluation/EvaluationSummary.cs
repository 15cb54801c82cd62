namespace Perk.Core.Evaluation;

/// <summary>Scores and comparisons of a run's rows; intervals are over contexts.</summary>
/// <param name="rows">All rows.</param>
/// <param name="seed">Decides the resamples.</param>
public sealed class EvaluationSummary(IReadOnlyList<EvaluationRow> rows, int seed)
{
    private readonly Dictionary<string, IReadOnlyList<EvaluationRow>> _methods = rows.GroupBy(r => r.Method, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => (IReadOnlyList<EvaluationRow>)[.. g.OrderBy(r => r.Key)], StringComparer.Ordinal);

    /// <summary>The rows of a method or control, in the order of contexts and questions.</summary>
    /// <returns>None where nothing was asked: a control whose other documents answer every question.</returns>
    public IReadOnlyList<EvaluationRow> RowsOf(string method)
    {
        if (_methods.TryGetValue(method, out var found)) return found;
        return method == BestConstant.Name ? _methods[method] = BestConstant.Rows(_methods[BlindGuess.Name]) : [];
    }

    /// <summary>The score of a method or control.</summary>
    public MethodScore Score(string method)
    {
        var answered = RowsOf(method);
        double? Mean(Func<EvaluationRow, double?> value) => answered.Select(value).Any(v => v is not null) ? answered.Average(value) : null;
        var seconds = Mean(r => r.Seconds);
        if (answered.Count == 0 || answered.Any(r => !r.Fits)) return new MethodScore(method, answered.Count, answered.Count == 0, null, null, null, null, null, seconds);
        return new MethodScore(
            method, answered.Count, true, answered.DistinctBy(r => r.Context).Count() < 2 ? null : Bootstrap.Ratio(Clusters(answered, r => Number(r.ExactMatch)), seed), Mean(r => r.TokenF1), Mean(r => Number(r.SubEM)),
            Mean(r => r.SupportPrecision), Mean(r => r.SupportRecall), seconds);
    }

    /// <summary>A method less another, on the questions that both answered.</summary>
    /// <param name="method">The method.</param>
    /// <param name="other">The other.</param>
    /// <param name="value">What is compared.</param>
    /// <returns>Null where one does not fit the window, or fewer than two contexts have questions that both answered.</returns>
    public PairedDifference? Difference(string method, string other, Func<EvaluationRow, bool> value) =>
        Difference(RowsOf(method), RowsOf(other), other, value);

    /// <summary>A method of this run less one of another run, on the questions that are the same in both.</summary>
    /// <exception cref="ArgumentException">They share no two contexts, which is required.</exception>
    public PairedDifference? DifferenceTo(string method, IReadOnlyList<EvaluationRow> others, string name, Func<EvaluationRow, bool> value, bool required = true)
    {
        if (required && !ShareTwoContexts(RowsOf(method), others))
            throw new ArgumentException($"The runs cannot be compared: no two contexts with the same questions of {name} are in both.");
        return Difference(RowsOf(method), others, name, value);
    }

    /// <summary>Whether two contexts or more have questions that are the same in both.</summary>
    internal static bool ShareTwoContexts(IEnumerable<EvaluationRow> mine, IEnumerable<EvaluationRow> others)
    {
        var asked = others.Select(Asked).ToHashSet();
        return mine.Where(r => asked.Contains(Asked(r))).DistinctBy(r => r.Context).Skip(1).Any();
    }

    /// <summary>A method less the control that leaves the smallest difference.</summary>
    public PairedDifference? Margin(string method, IEnumerable<string> controls, Func<EvaluationRow, bool> value) =>
        controls.Select(c => Difference(method, c, value)).OfType<PairedDifference>().MinBy(d => d.Difference);

    /// <summary>A method's score by kind of question and answerability, each beside the best control there.</summary>
    public IReadOnlyList<KindScore> Kinds(string method, IReadOnlyList<string> controls) =>
    [
        .. RowsOf(method).GroupBy(r => (r.Kind, r.Answerability)).OrderBy(g => g.Key.Kind, StringComparer.Ordinal).ThenBy(g => g.Key.Answerability)
            .Select(group =>
            {
                double Right(string control) =>
                    RowsOf(control).Where(r => (r.Kind, r.Answerability) == group.Key).Select(r => Number(r.ExactMatch)).DefaultIfEmpty(0).Average();
                var best = controls.MaxBy(Right)!;
                return new KindScore(
                    group.Key.Kind, group.Key.Answerability, group.Count(), group.Average(r => Number(r.ExactMatch)), Right(best), best);
            }),
    ];

    private PairedDifference? Difference(
        IReadOnlyList<EvaluationRow> mine, IReadOnlyList<EvaluationRow> others, string name, Func<EvaluationRow, bool> value)
    {
        if (mine.Concat(others).Any(r => !r.Fits)) return null;
        var other = others.ToDictionary(Asked, r => Number(value(r)));
        var both = mine.Where(r => other.ContainsKey(Asked(r))).ToList();
        if (both.DistinctBy(r => r.Context).Count() < 2) return null;
        var interval = Bootstrap.Ratio(Clusters(both, r => Number(value(r)) - other[Asked(r)]), seed);
        return new PairedDifference(name, interval.Mean, interval.Low, interval.High, both.Count);
    }

    private static Cluster[] Clusters(IEnumerable<EvaluationRow> rows, Func<EvaluationRow, double> value) =>
        [.. rows.GroupBy(r => r.Context).OrderBy(g => g.Key).Select(g => new Cluster(g.Sum(value), g.Count()))];

    private static (int Context, int Number, string Question, string Gold) Asked(EvaluationRow row) =>
        (row.Context, row.Number, row.Question, string.Join('\n', row.Gold));

    private static double Number(bool right) => right ? 1 : 0;
}
