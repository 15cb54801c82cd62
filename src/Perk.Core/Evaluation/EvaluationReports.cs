using System.Text.Json.Nodes;
using Perk.Core.MetaLearning;
using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>Makes the reports of a finished run.</summary>
public static class EvaluationReports
{
    /// <summary>One report a method that was asked for.</summary>
    /// <param name="task">The task.</param>
    /// <param name="length">The asked length; null where contexts keep their own.</param>
    /// <param name="set">Its problems.</param>
    /// <param name="log">All answers.</param>
    /// <param name="methods">The methods.</param>
    /// <param name="checkpoint">The model.</param>
    /// <param name="seed">Decides the resamples of the intervals.</param>
    /// <param name="run">What was asked, for the report; null says nothing of it.</param>
    /// <param name="against">Rows of another run to compare with, or null.</param>
    /// <param name="required">Whether a method that shares no questions with the other run is an error, and not a report without a comparison.</param>
    /// <exception cref="ArgumentException">The other run has no questions in common, which is required.</exception>
    public static IReadOnlyList<EvaluationReport> Of(
        IMemoryTask task, int? length, EvaluationSet set, EvaluationLog log, IReadOnlyList<EvaluationMethod> methods, Checkpoint checkpoint,
        int seed, JsonObject? run = null, IReadOnlyList<EvaluationRow>? against = null, bool required = true)
    {
        // A resumed folder may hold more contexts than this run asks for.
        var draws = Enumerable.Range(0, set.Contexts).Select(set.DrawOf).ToHashSet();
        var contexts = log.Contexts.Where(c => draws.Contains(c.Context)).ToList();
        var summary = new EvaluationSummary([.. log.Rows.Where(r => draws.Contains(r.Context))], seed);
        var peak = PeakMemory.Bytes();
        return [.. methods.Select(method => Report(method))];

        EvaluationReport Report(EvaluationMethod method)
        {
            string[] unread = [.. ControlsOf(method).Where(c => summary.Score(c).Fits)];
            string[] controls = [.. unread, BestConstant.Name];
            var score = summary.Score(method.Name);
            return new EvaluationReport
            {
                Task = task.Name,
                Method = method.Name,
                Model = checkpoint.ModelName,
                Checkpoint = checkpoint.Id,
                Run = run,
                Length = length,
                Contexts = contexts.Count,
                Questions = summary.RowsOf(method.Name).Count,
                Window = checkpoint.Model.MaxPositions,
                Fits = score.Fits,
                ExactMatch = score.ExactMatch?.Mean,
                ExactMatchLow = score.ExactMatch?.Low,
                ExactMatchHigh = score.ExactMatch?.High,
                TokenF1 = score.TokenF1,
                SubEM = score.SubEM,
                SupportPrecision = score.SupportPrecision,
                SupportRecall = score.SupportRecall,
                EncodeSeconds = method.Adapter == AdapterUse.Encoded ? contexts.Average(c => c.EncodeSeconds) : null,
                AnswerSeconds = score.Seconds,
                ContextTokens = contexts.Average(c => c.ContextTokens),
                ModelTokens = contexts.Average(c => c.ModelTokens),
                PeakMemoryBytes = peak,
                Dropped = set.Dropped,
                Controls = [.. ControlsOf(method).Append(BestConstant.Name).Select(summary.Score)],
                Margin = summary.Margin(method.Name, unread, Exact),
                MarginSubEM = summary.Margin(method.Name, unread, Contained),
                NotBeaten = [.. controls.Where(c => summary.RowsOf(c).Count > 0 && summary.Difference(method.Name, c, Exact) is not { Low: > 0 })],
                AboveControls = score.Fits && controls.All(c => summary.RowsOf(c).Count == 0 || summary.Difference(method.Name, c, Exact) is { Low: > 0 }),
                Comparisons = [.. Others(method).OfType<PairedDifference>()],
                Kinds = score.Fits ? summary.Kinds(method.Name, controls) : [],
            };
        }

        IEnumerable<PairedDifference?> Others(EvaluationMethod method)
        {
            foreach (var other in methods.Where(m => m != method)) yield return summary.Difference(method.Name, other.Name, Exact);
            // The same method of the earlier run, or all that were asked for there where it has none of that name.
            var earlier = (against ?? []).Where(r => EvaluationMethod.All.Any(m => m.Name == r.Method)).ToLookup(r => r.Method, StringComparer.Ordinal);
            foreach (var other in earlier.Contains(method.Name) ? [earlier.Single(e => e.Key == method.Name)] : earlier.ToArray())
                yield return summary.DifferenceTo(method.Name, [.. other], Earlier(other.Key), Exact, required);
        }

        static bool Exact(EvaluationRow row) => row.ExactMatch;
        static bool Contained(EvaluationRow row) => row.SubEM;
    }

    /// <summary>How a method of the run that is compared with is called in <see cref="PairedDifference.Over"/>.</summary>
    internal static string Earlier(string method) => $"{method} (earlier run)";

    private static IEnumerable<string> ControlsOf(EvaluationMethod method)
    {
        yield return BlindGuess.Name;
        if (method != EvaluationMethod.None) yield return EvaluationMethod.None.Name;
        if (method.SeesContext && !method.Swapped) yield return method.Control().Name;
    }
}
