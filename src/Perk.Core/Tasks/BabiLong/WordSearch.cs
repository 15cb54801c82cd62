namespace Perk.Core.Tasks.BabiLong;

/// <summary>Looks for whole words.</summary>
internal static class WordSearch
{
    /// <summary>Whether a word stands in a text, in small or capital letters.</summary>
    internal static bool Occurs(string word, string text)
    {
        for (var at = 0; (at = text.IndexOf(word, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            var end = at + word.Length;
            if ((at == 0 || !char.IsLetter(text[at - 1])) && (end == text.Length || !char.IsLetter(text[end]))) return true;
        }

        return false;
    }
}
