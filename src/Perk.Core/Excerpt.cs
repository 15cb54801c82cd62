using System.Text.Json;

namespace Perk.Core;

/// <summary>Foreign text as an error message shows it: people read these, and logs keep them.</summary>
public static class Excerpt
{
    private const int Shown = 80, Beginning = 700, End = 200;

    /// <summary>The beginning of a text: control characters and surrogates masked, cut after 80 characters.</summary>
    public static string Of(string text)
    {
        var shown = text.Length <= Shown ? text : text[..Shown] + "…";
        return string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
    }

    /// <summary>The beginning of a JSON value as it is written, its white space as single spaces.</summary>
    public static string Of(JsonElement value) => Of(string.Join(' ', value.GetRawText().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>A sentence that may hold foreign text: without its middle where it is too long to read.</summary>
    public static string OfSentence(string sentence) =>
        sentence.Length <= Beginning + End + 1 ? sentence : $"{sentence[..Beginning]}…{sentence[^End..]}";
}
