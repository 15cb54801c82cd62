using System.Runtime.InteropServices;

namespace Perk.Core.Evaluation;

/// <summary>How right an answer is.</summary>
/// <param name="ExactMatch">Whether it equals a gold answer, both normalised.</param>
/// <param name="TokenF1">
/// The greatest over the gold answers of the harmonic mean of precision and recall of its words, as a bag (SQuAD's F1).
/// </param>
/// <param name="SubEM">Whether it contains a gold answer, both normalised (Liu et al. 2023, arXiv 2307.03172).</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AnswerScore(bool ExactMatch, double TokenF1, bool SubEM)
{
    /// <summary>Compares an answer with the gold answers.</summary>
    /// <remarks>
    /// A gold answer of which the normalisation leaves nothing (“The”, “?”) is compared as it is written, but for case and outer
    /// white space: an empty text is equal to no answer and contained in none.
    /// </remarks>
    public static AnswerScore Of(string answer, IReadOnlyList<string> gold)
    {
        var words = AnswerText.Words(answer);
        var (exact, f1, contained) = (false, 0.0, false);
        foreach (var right in gold)
        {
            var goldWords = AnswerText.Words(right);
            if (goldWords.Count == 0)
            {
                if (!string.Equals(answer.Trim(), right.Trim(), StringComparison.OrdinalIgnoreCase) || right.Trim().Length == 0) continue;
                (exact, f1, contained) = (true, 1, true);
                continue;
            }

            exact |= words.SequenceEqual(goldWords, StringComparer.Ordinal);
            f1 = Math.Max(f1, F1(words, goldWords));
            contained |= string.Join(' ', words).Contains(string.Join(' ', goldWords), StringComparison.Ordinal);
        }

        return new AnswerScore(exact, f1, contained);
    }

    private static double F1(IReadOnlyList<string> answer, IReadOnlyList<string> gold)
    {
        var left = gold.CountBy(word => word, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var common = 0;
        foreach (var word in answer)
        {
            if (left.GetValueOrDefault(word) == 0) continue;
            left[word]--;
            common++;
        }

        return common == 0 ? 0 : 2.0 * common / (answer.Count + gold.Count);
    }
}
