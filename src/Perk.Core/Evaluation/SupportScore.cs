using System.Runtime.InteropServices;

namespace Perk.Core.Evaluation;

/// <summary>How many of the supporting lines that an answer gives are gold ones, and the reverse.</summary>
/// <param name="Precision">The share of the given lines that are gold; 0 where none was given.</param>
/// <param name="Recall">The share of the gold lines that were given.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SupportScore(double Precision, double Recall)
{
    /// <summary>Compares lines as sets, each normalised as answers are.</summary>
    /// <param name="given">The lines that the answer gives.</param>
    /// <param name="gold">The gold lines.</param>
    /// <returns>Null where the problem has no gold lines.</returns>
    public static SupportScore? Of(IEnumerable<string> given, IReadOnlyList<string> gold)
    {
        var (lines, right) = (Set(given), Set(gold));
        if (right.Count == 0) return null;
        var common = lines.Count(right.Contains);
        return new SupportScore(lines.Count == 0 ? 0 : (double)common / lines.Count, (double)common / right.Count);
    }

    private static HashSet<string> Set(IEnumerable<string> lines) =>
        lines.Select(AnswerText.Normalise).Where(line => line.Length > 0).ToHashSet(StringComparer.Ordinal);
}
