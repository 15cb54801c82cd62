namespace Perk.Core.Tasks.MultiDocument;

/// <summary>Kinds of questions by their first words, which a reader sees without any document.</summary>
internal static class QuestionKind
{
    /// <summary>The kind of questions for a call of an interface.</summary>
    internal const string ApiCall = "api-call";

    private static readonly HashSet<string> Prepositions = new(
        ["in", "at", "on", "to", "from", "for", "by", "with", "of", "under", "during", "about", "after", "before", "since"],
        StringComparer.Ordinal);

    /// <summary>
    /// One of <c>who</c>, <c>what</c>, <c>when</c>, <c>where</c>, <c>which</c>, <c>how-many</c>, <c>yes-no</c> and <c>other</c>:
    /// by the first word, or the second after a preposition (<c>In which year</c>).
    /// </summary>
    internal static string Of(string question)
    {
        string[] words = [.. question.Split(' ').Select(Bare).Where(w => w.Length > 0).Take(3)];
        var first = words.Length > 1 && Prepositions.Contains(words[0]) ? 1 : 0;
        var kind = words.ElementAtOrDefault(first) switch
        {
            "who" or "whose" or "whom" or "who's" => "who",
            "what" or "what's" or "whats" => "what",
            "when" => "when",
            "where" => "where",
            "which" => "which",
            "how" when words.ElementAtOrDefault(first + 1) is "many" or "much" => "how-many",
            _ => null,
        };
        return kind ?? words.FirstOrDefault() switch
        {
            "is" or "are" or "was" or "were" or "do" or "does" or "did" or "has" or "have" or "had" => "yes-no",
            "can" or "could" or "will" or "would" or "should" => "yes-no",
            _ => "other",
        };
    }

    private static string Bare(string word) =>
        word.Replace('’', '\'').Trim('"', '\'', ',', '.', '?', '(', ')', ':', '“', '”').ToLowerInvariant();
}
