using System.Text.RegularExpressions;

namespace Perk.Core.Documents;

/// <summary>The second writing of a text under <see cref="MetaLearning.Echo.LastWord"/>.</summary>
internal static partial class Echoes
{
    /// <summary>The numbered sentences of a text, each under the word it ends with; null where there are none.</summary>
    internal static string? OfLastWords(string text)
    {
        var echoes = Event().Matches(text).Select(m => m.Result("${last} Event ${number}: ${told}")).ToList();
        return echoes.Count == 0 ? null : string.Join(' ', echoes);
    }

    /// <summary>A sentence such as <c>Clara Event 4: Clara took the watch there.</c></summary>
    [GeneratedRegex(@"\b\w+ Event (?<number>\d+): (?<told>[^.!?:\n]*?\b(?<last>\w+)(?: there)?\.)", RegexOptions.CultureInvariant)]
    private static partial Regex Event();
}
