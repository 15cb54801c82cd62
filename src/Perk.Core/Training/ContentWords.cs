using System.Text.RegularExpressions;
using Perk.Core.Models;

namespace Perk.Core.Training;

/// <summary>
/// Which tokens of an answer carry content: numbers, names, words that some question of the batch has for an answer, the steps from support to answer, and
/// where lines lead to the support what says whether another line follows. The rest is form, which is soon learned and would drown them.
/// </summary>
internal static partial class ContentWords
{
    /// <summary>The weight of each token.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="text">The answer.</param>
    /// <param name="ids">Its ids, with the end of text.</param>
    /// <param name="answers">The gold answers of the batch.</param>
    /// <param name="weight">The weight of content; form weighs 1.</param>
    /// <param name="answerWeight">The weight of what stands between the marks of the output; null for that of content.</param>
    public static float[] Weights(TextTokenizer tokenizer, string text, int[] ids, IReadOnlySet<string> answers, double weight, double? answerWeight = null)
    {
        var leads = !text.StartsWith(" <", StringComparison.Ordinal);
        bool[] content = [.. text.Select(c => leads && (c is '\n' or '<'))];
        foreach (Match match in Word().Matches(text))
        {
            var word = match.Value;
            var field = match.Index + word.Length < text.Length && text[match.Index + word.Length] == ':';
            if (char.IsDigit(word[0]) || answers.Contains(word) || (char.IsUpper(word[0]) && !field && word != "Event" && word != "Student"))
                content.AsSpan(match.Index, word.Length).Fill(true);
        }

        const string SupportEnd = "</support>\n";
        var (steps, output) = (text.IndexOf(SupportEnd, StringComparison.Ordinal), text.LastIndexOf("<output>", StringComparison.Ordinal));
        if (steps >= 0 && steps + SupportEnd.Length < output) content.AsSpan((steps + SupportEnd.Length)..output).Fill(true);

        // A token carries content where any of its characters does.
        var weights = new float[ids.Length];
        var at = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            var end = Math.Min(text.Length, tokenizer.Decode(ids.AsSpan(0, i + 1).ToArray()).Length);
            weights[i] = content.AsSpan(at, Math.Max(0, end - at)).Contains(true) ? (float)(answerWeight is { } louder && output >= 0 && at > output ? louder : weight) : 1;
            at = Math.Max(at, end);
        }

        return weights;
    }

    /// <summary>The words of gold answers that count.</summary>
    public static HashSet<string> Of(IEnumerable<string> answers) =>
        answers.SelectMany(a => Word().Matches(a).Select(m => m.Value)).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"\p{N}+|\p{L}+")]
    private static partial Regex Word();
}
