using Perk.Core.MetaLearning;
using Perk.Core.Models;

namespace Perk.Core.Documents;

/// <summary>The texts around a segment, a question and an answer (arXiv 2507.06415 and its reference code).</summary>
public static class PromptFormat
{
    /// <summary>Part of the adapter id; changes with the segment's format.</summary>
    public const int Version = 2;

    private const string SupportStart = "<support>", SupportEnd = "</support>", OutputStart = "<output>", OutputEnd = "</output>";

    /// <summary>A segment as the inner loop reads it: <c>doc_{i}: {text}{eos}</c>, loss on text and end of text only.</summary>
    public static TokenSegment Segment(TextTokenizer tokenizer, Segment segment)
    {
        var prefix = $"doc_{segment.Index}:";
        int[] begin = tokenizer.BosId is { } bos ? [bos] : [];
        return new TokenSegment([.. begin, .. tokenizer.Encode($"{prefix} {segment.Text}"), tokenizer.EosId], begin.Length + tokenizer.Count(prefix));
    }

    /// <summary>Segments as the inner loop reads them, each followed by its echo if it has one: as another segment with the same prefix.</summary>
    public static IEnumerable<TokenSegment> Segments(TextTokenizer tokenizer, IEnumerable<Segment> segments, Echo echo)
    {
        foreach (var segment in segments)
        {
            yield return Segment(tokenizer, segment);
            if (echo == Echo.LastWord && Echoes.OfLastWords(segment.Text) is { } again)
                yield return Segment(tokenizer, segment with { Text = again }) with { IsEcho = true };
        }
    }

    /// <summary>A question as the answering model reads it, without the document.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="segments">How many segments the document was written as.</param>
    /// <param name="question">The question.</param>
    public static int[] Question(TextTokenizer tokenizer, int segments, string question) =>
        Prompt(tokenizer, $"{Memorised(segments)}{question}\nAnswer:");

    /// <summary>A question with text to read, for models that answer from their window: prompting and retrieval.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="text">The document, or what was retrieved of it.</param>
    /// <param name="question">The question.</param>
    /// <param name="segments">
    /// How many segments the document was written as, where an adapter holds it too; null where it is only read.
    /// </param>
    public static int[] InContext(TextTokenizer tokenizer, string text, string question, int? segments = null) =>
        Prompt(tokenizer, $"{text}\n\n{(segments is { } count ? Memorised(count) : "")}{question}\nAnswer:");

    /// <summary>
    /// What a model is trained to answer: <c> {lead}\n&lt;support&gt; {line}\n {line}&lt;/support&gt;\n{step}\n&lt;output&gt; {answer}&lt;/output&gt;</c>, after a
    /// space where there is no lead, and without the support where none is known. Lead, support and answer begin with a space, as words in a text do: without it
    /// their first word has other tokens than in the document, and a small model that has not seen the word cannot spell it.
    /// </summary>
    /// <param name="lead">Lines that lead to the support.</param>
    /// <param name="support">Lines of the document.</param>
    /// <param name="steps">Lines between them and the answer.</param>
    /// <param name="answer">The answer.</param>
    public static string Answer(IReadOnlyList<string> lead, IReadOnlyList<string> support, IReadOnlyList<string> steps, string answer) =>
        (lead.Count == 0 ? " " : string.Concat(lead.Select(line => $" {line}\n")))
        + (support.Count == 0 ? "" : $"{SupportStart}{string.Join('\n', support.Select(line => " " + line))}{SupportEnd}\n")
        + string.Concat(steps.Select(step => step + "\n"))
        + $"{OutputStart} {answer}{OutputEnd}";

    /// <summary>Whether a decoded text has said all it has to say.</summary>
    public static bool IsComplete(string decoded) => decoded.Contains(OutputEnd, StringComparison.Ordinal);

    /// <summary>Takes answer and support out of a decoded text; a text without marks is the answer as a whole.</summary>
    public static ParsedAnswer Parse(string decoded)
    {
        var output = Between(decoded, OutputStart, OutputEnd);
        // An unclosed support ends where the answer begins.
        var support = Between(decoded, SupportStart, SupportEnd)?.Split(OutputStart)[0];
        return new ParsedAnswer(
            (output ?? (support is null ? decoded : "")).Trim(),
            support?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? []);
    }

    private static string Memorised(int segments) => $"You have memorized {segments} documents.\n";

    private static int[] Prompt(TextTokenizer tokenizer, string text)
    {
        int[] begin = tokenizer.BosId is { } bos ? [bos] : [];
        return [.. begin, .. tokenizer.Encode(text)];
    }

    /// <summary>What stands between two marks, to the end of the text where the second is missing.</summary>
    private static string? Between(string text, string start, string end)
    {
        var from = text.IndexOf(start, StringComparison.Ordinal);
        if (from < 0) return null;
        from += start.Length;
        var to = text.IndexOf(end, from, StringComparison.Ordinal);
        return to < 0 ? text[from..] : text[from..to];
    }
}

/// <summary>An answer and the lines it rests on.</summary>
/// <param name="Answer">The answer's text.</param>
/// <param name="Support">The supporting lines; none where the model gave none.</param>
public sealed record ParsedAnswer(string Answer, IReadOnlyList<string> Support);
