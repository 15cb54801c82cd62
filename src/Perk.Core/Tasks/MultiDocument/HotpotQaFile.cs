using System.Text;

namespace Perk.Core.Tasks.MultiDocument;

/// <summary>
/// Reads HotpotQA (Yang et al. 2018), as its authors publish it (<c>context: [[title, [sentence, …]], …]</c>,
/// <c>supporting_facts: [[title, sentence number], …]</c>) or as Hugging Face's data sets write it (<c>context.title</c>,
/// <c>context.sentences</c>, <c>supporting_facts.title</c>, <c>supporting_facts.sent_id</c>).
/// </summary>
/// <remarks>
/// Supporting facts whose sentence does not exist, of which the published data has some, are left out. A row that lacks a
/// supporting paragraph among its own is dropped and counted.
/// </remarks>
public static class HotpotQaFile
{
    /// <summary>Why rows are dropped.</summary>
    internal const string NoGold = "a supporting paragraph is not among the row's paragraphs";

    /// <summary>Reads a file; unpacks <c>.gz</c>.</summary>
    /// <exception cref="TaskDataException">It is not such a file; the message names row and field.</exception>
    public static QuestionSet Read(string path)
    {
        var rows = JsonRows.Read(path);
        DocumentQuestion[] questions = [.. rows.Select(Question).OfType<DocumentQuestion>()];
        return new QuestionSet(path, questions, DroppedRows.Count(NoGold, rows.Count - questions.Length));
    }

    private static DocumentQuestion? Question(JsonRow row)
    {
        var (question, answer) = (OneLine.Of(row.Text("question")), OneLine.Of(row.Text("answer")));
        Passage[] passages = [.. Passages(row)];
        (string Title, int Sentence)[] facts = [.. Facts(row)];
        string[] titles = [.. facts.Select(f => f.Title).Distinct(StringComparer.Ordinal)];
        Passage?[] gold = [.. titles.Select(t => passages.FirstOrDefault(p => p.Title == t))];
        if (gold.Length == 0 || gold.Any(g => g?.Paragraph is null)) return null;
        return new DocumentQuestion
        {
            Kind = QuestionKind.Of(question),
            Text = question,
            Answers = [answer],
            Gold = [.. gold.Select(g => g!.Paragraph!)],
            Distractors = [.. passages.Where(p => !gold.Contains(p)).Select(p => p.Paragraph).OfType<Paragraph>()],
            Support = [.. facts.Distinct().Select(f => Span(Array.IndexOf(titles, f.Title), f.Sentence)).OfType<SupportSpan>()],
        };

        SupportSpan? Span(int paragraph, int sentence)
        {
            var (of, spans) = (gold[paragraph]!.Paragraph!, gold[paragraph]!.Sentences);
            return sentence >= 0 && sentence < spans.Count && spans[sentence].Length > 0
                ? new SupportSpan(paragraph, of.TextStart + spans[sentence].Start, spans[sentence].Length)
                : null;
        }
    }

    private static IEnumerable<Passage> Passages(JsonRow row)
    {
        const string Expected = "[title, [sentence, …]] pairs, or an object of the lists title and sentences";
        foreach (var (title, sentences) in Pairs(row, "context", "title", "sentences", Expected))
        {
            var texts = sentences.AsList("sentences").Select(s => s.AsText(mayBeBlank: true));
            yield return Passage.Of(title.AsText(mayBeBlank: true), texts);
        }
    }

    private static IEnumerable<(string Title, int Sentence)> Facts(JsonRow row)
    {
        const string Expected = "[title, sentence number] pairs, or an object of the lists title and sent_id";
        foreach (var (title, sentence) in Pairs(row, "supporting_facts", "title", "sent_id", Expected))
            yield return (title.AsText(mayBeBlank: true), sentence.AsNumber());
    }

    /// <summary>Pairs, or an object of two lists of the same length.</summary>
    private static IEnumerable<(JsonRow First, JsonRow Second)> Pairs(
        JsonRow row, string field, string first, string second, string expected)
    {
        var value = row.Field(field, expected);
        if (value.Has(first))
        {
            var (firsts, seconds) = (value.List(first, "titles"), value.List(second, "entries"));
            return firsts.Count == seconds.Count
                ? firsts.Zip(seconds)
                : throw value.Wrong(FormattableString.Invariant(
                    $"has {firsts.Count} {first} and {seconds.Count} {second}; expected as many"));
        }

        return value.AsList(expected).Select(pair => pair.AsList(expected) is [var a, var b]
            ? (a, b)
            : throw pair.Wrong("does not have two entries; expected " + expected));
    }

    /// <summary>A paragraph in sentences.</summary>
    /// <param name="Title">The title as the file writes it.</param>
    /// <param name="Paragraph">The paragraph; null where it is blank.</param>
    /// <param name="Sentences">Where each sentence stands in the paragraph's text; empty where it is blank.</param>
    private sealed record Passage(string Title, Paragraph? Paragraph, IReadOnlyList<(int Start, int Length)> Sentences)
    {
        internal static Passage Of(string title, IEnumerable<string> sentences)
        {
            var (text, spans, gap) = (new StringBuilder(), new List<(int, int)>(), false);
            foreach (var sentence in sentences)
            {
                var line = OneLine.Of(sentence);
                gap |= sentence.Length > 0 && char.IsWhiteSpace(sentence[0]);
                // Spaces between sentences are part of them; a few are missing where a sentence begins with a word.
                if (line.Length > 0 && text.Length > 0 && (gap || (char.IsLetterOrDigit(line[0]) && text[^1] != '"')))
                    text.Append(' ');
                spans.Add((text.Length, line.Length));
                text.Append(line);
                gap = line.Length == 0 ? gap : char.IsWhiteSpace(sentence[^1]);
            }

            return new Passage(title, text.Length == 0 ? null : new Paragraph(title, text.ToString()), spans);
        }
    }
}
