using System.Text;

namespace Perk.Core.Tasks.MultiDocument;

/// <summary>Text on one line.</summary>
internal static class OneLine
{
    /// <summary>The text without white space at its ends, and with one space for every run of white space inside.</summary>
    internal static string Of(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (!char.IsWhiteSpace(c)) line.Append(c);
            else if (line.Length > 0 && line[^1] != ' ') line.Append(' ');
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>Whether a text holds these words, in any case, not as parts of longer words.</summary>
    internal static bool HoldsWords(string text, string words)
    {
        if (words.Length == 0) return false;
        for (var at = Next(0); at >= 0; at = Next(at + 1))
        {
            var end = at + words.Length;
            var begins = at == 0 || !IsInWord(text[at - 1], words[0]);
            if (begins && (end == text.Length || !IsInWord(text[end], words[^1]))) return true;
        }

        return false;

        int Next(int from) => text.IndexOf(words, from, StringComparison.OrdinalIgnoreCase);
        static bool IsInWord(char beyond, char edge) => char.IsLetterOrDigit(beyond) && char.IsLetterOrDigit(edge);
    }
}
