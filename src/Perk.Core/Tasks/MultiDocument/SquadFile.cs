using System.Text.Json;

namespace Perk.Core.Tasks.MultiDocument;

/// <summary>
/// Reads SQuAD 1.1 and 2 (Rajpurkar et al. 2016, 2018) as its authors publish them
/// (<c>{data: [{title, paragraphs: [{context, qas: [{question, answers: [{text, answer_start}], is_impossible}]}]}]}</c>), or a
/// list of paragraphs <c>{title, context, questions: [{question, answer}]}</c>, where a list of texts, <c>answers</c>, may stand.
/// </summary>
/// <remarks>
/// The sentence that holds the first answer supports it, where <c>answer_start</c> tells the place or there is only one.
/// </remarks>
public static class SquadFile
{
    private const string Whole = "SQuAD's {\"data\": […]}, or a list of {title, context, questions}";

    /// <summary>Reads a file; unpacks <c>.gz</c>.</summary>
    /// <exception cref="TaskDataException">It is not such a file; the message names row and field.</exception>
    public static QuestionSet Read(string path)
    {
        var rows = JsonRows.Read(path);
        (Paragraph Paragraph, DocumentQuestion[] Questions)[] read = rows is [{ Where: "" } whole] && !whole.Has("context")
            ? [.. whole.Field("data", Whole).AsList("articles").SelectMany(Article)]
            : [.. rows.Select(row => Passage(row, row.OptionalText("title"), "questions"))];
        return new QuestionSet(path, [.. read.SelectMany(r => r.Questions)], DroppedRows.Count("", 0))
        {
            Fillers = [.. read.Where(r => r.Questions.Length == 0).Select(r => r.Paragraph)],
            AsksByParagraph = true,
        };
    }

    private static IEnumerable<(Paragraph Paragraph, DocumentQuestion[] Questions)> Article(JsonRow article)
    {
        var title = article.OptionalText("title")?.Replace('_', ' ');
        return article.List("paragraphs", "paragraphs").Select(paragraph => Passage(paragraph, title, "qas"));
    }

    private static (Paragraph Paragraph, DocumentQuestion[] Questions) Passage(JsonRow row, string? title, string questions)
    {
        var context = row.Text("context");
        var paragraph = new Paragraph(title, context);
        return (paragraph, [.. row.List(questions, "questions").Select(q => Question(q, paragraph, context))]);
    }

    private static DocumentQuestion Question(JsonRow row, Paragraph paragraph, string context)
    {
        var text = OneLine.Of(row.Text("question"));
        var impossible = row.Flag("is_impossible");
        (string Text, int? Start)[] answers = impossible ? [] : [.. Answers(row, paragraph, context)];
        return new DocumentQuestion
        {
            Kind = QuestionKind.Of(text),
            Text = text,
            Answers = impossible ? [UnknownAnswer.Text] : [.. answers.Select(a => a.Text).Distinct(StringComparer.Ordinal)],
            Gold = [paragraph],
            Support = impossible ? [] : Support(paragraph, answers[0].Text, answers[0].Start),
            Impossible = impossible,
        };
    }

    /// <summary>The sentence around an answer; nothing where its place is not known.</summary>
    internal static IReadOnlyList<SupportSpan> Support(Paragraph paragraph, string answer, int? start)
    {
        if ((start ?? SentenceSpan.OnlyPlace(paragraph.Text, answer)) is not { } at) return [];
        var sentence = SentenceSpan.Around(paragraph.Text, at, answer.Length);
        return [new SupportSpan(0, paragraph.TextStart + sentence.Start, sentence.Length)];
    }

    private static IEnumerable<(string Text, int? Start)> Answers(JsonRow row, Paragraph paragraph, string context)
    {
        if (!row.Has("answers")) return [(OneLine.Of(row.Text("answer")), null)];
        var answers = row.List("answers", "answers");
        if (answers.Count == 0) throw row.Wrong("answers is empty; expected at least one, or is_impossible: true");
        return answers.Select(answer => answer.Value.ValueKind == JsonValueKind.String
            ? (OneLine.Of(answer.AsText()), null)
            : Located(answer, paragraph, context));
    }

    private static (string Text, int? Start) Located(JsonRow answer, Paragraph paragraph, string context)
    {
        var text = OneLine.Of(answer.Text("text"));
        if (!answer.Has("answer_start")) return (text, null);
        var start = answer.Field("answer_start", "a whole number");
        // The file counts code points, this text UTF-16 code units, and its white space is on one line.
        var (number, offset) = (start.AsNumber(), 0);
        if (number < 0) throw start.Wrong(FormattableString.Invariant($"is {number}; expected 0 or more"));
        for (var i = 0; i < number; i++)
        {
            if (offset >= context.Length)
                throw start.Wrong(FormattableString.Invariant($"is {number}; the paragraph has {i} characters"));
            offset += char.IsSurrogatePair(context, offset) ? 2 : 1;
        }

        var place = OneLine.Of(context[..offset] + "|").Length - 1;
        return (text, string.CompareOrdinal(paragraph.Text, place, text, 0, text.Length) == 0 ? place : null);
    }
}
