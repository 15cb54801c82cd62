using System.Globalization;
using System.Text;

namespace Perk.Core.Evaluation;

/// <summary>
/// Answers as they are compared: SQuAD's normalisation (Rajpurkar et al. 2016, arXiv 1606.05250, the official script) for any script.
/// </summary>
public static class AnswerText
{
    private static readonly HashSet<string> Articles = new(["a", "an", "the"], StringComparer.Ordinal);

    /// <summary>Lower case, without punctuation and articles, words with one space between.</summary>
    /// <remarks>
    /// The official script strips ASCII punctuation (<c>$+&lt;=&gt;^`|~</c> included); here any character of Unicode's
    /// punctuation goes as well, and the text is brought into form NFKC first, so that “é”, full-width digits and ligatures
    /// compare as they read. Like the official script it joins what punctuation held apart: 49.3 is 493, co-op is coop.
    /// </remarks>
    public static string Normalise(string answer) => string.Join(' ', Words(answer));

    /// <summary>The words of the normalised answer.</summary>
    internal static IReadOnlyList<string> Words(string answer)
    {
        var kept = new StringBuilder(answer.Length);
        foreach (var rune in WellFormed(answer).Normalize(NormalizationForm.FormKC).ToLowerInvariant().EnumerateRunes())
        {
            if (!IsPunctuation(rune)) kept.Append(rune.ToString());
        }

        // An accent that punctuation held apart joins its letter.
        return [.. kept.ToString().Normalize(NormalizationForm.FormKC).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(word => !Articles.Contains(word))];
    }

    /// <summary>An unpaired surrogate cannot be normalised: a damaged model says anything.</summary>
    private static string WellFormed(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;

    private static bool IsPunctuation(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
            or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation
            or UnicodeCategory.FinalQuotePunctuation or UnicodeCategory.OtherPunctuation => true,
        _ => rune.IsAscii && "$+<=>^`|~".Contains((char)rune.Value, StringComparison.Ordinal),
    };
}
