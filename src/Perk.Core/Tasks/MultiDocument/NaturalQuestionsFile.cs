namespace Perk.Core.Tasks.MultiDocument;

/// <summary>
/// Reads questions of NQ-open with the paragraphs that Liu et al. 2023 (Lost in the Middle) retrieved for them:
/// <c>{question, answers: […], ctxs: [{title, text, hasanswer, isgold}], nq_annotated_gold: {title, chunked_long_answer}}</c>.
/// </summary>
/// <remarks>
/// Gold is the paragraph marked so, failing that the annotated one, failing that the first that has an answer. Others that have
/// an answer are left out, as the authors do. A row without gold is dropped and counted.
/// </remarks>
public static class NaturalQuestionsFile
{
    /// <summary>Why rows are dropped.</summary>
    internal const string NoGold = "the row has no gold paragraph";

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
        var text = OneLine.Of(row.Text("question"));
        if (!row.Has("ctxs") && !row.Has("nq_annotated_gold"))
        {
            throw row.Wrong(
                "ctxs is missing: a file of questions and answers alone has no documents; expected the form of Lost in the "
                + "Middle (Liu et al. 2023), {question, answers, ctxs: [{title, text, hasanswer, isgold}]}");
        }

        var answers = row.List("answers", "answers");
        if (answers.Count == 0) throw row.Wrong("answers is empty; expected at least one");
        string[] right = [.. answers.Select(a => OneLine.Of(a.AsText())).Distinct(StringComparer.Ordinal)];
        var retrieved = row.Has("ctxs") ? row.List("ctxs", "paragraphs") : [];
        if ((First("isgold") ?? Annotated(row) ?? First("hasanswer")) is not { } gold) return null;
        var others = retrieved.Where(c => !c.Flag("isgold") && !c.Flag("hasanswer"));
        return new DocumentQuestion
        {
            Kind = QuestionKind.Of(text),
            Text = text,
            Answers = right,
            Gold = [gold],
            Distractors = [.. others.Select(Passage).Where(p => p.Key != gold.Key)],
            Support = right.Select(a => SquadFile.Support(gold, a, null)).FirstOrDefault(s => s.Count > 0) ?? [],
        };

        Paragraph? First(string flag) => retrieved.FirstOrDefault(c => c.Flag(flag)) is { } found ? Passage(found) : null;
    }

    private static Paragraph Passage(JsonRow row) => new(row.OptionalText("title"), row.Text("text"));

    private static Paragraph? Annotated(JsonRow row)
    {
        if (!row.Has("nq_annotated_gold")) return null;
        var gold = row.Field("nq_annotated_gold", "an object");
        var text = gold.Text(gold.Has("chunked_long_answer") ? "chunked_long_answer" : "long_answer");
        return new Paragraph(gold.OptionalText("title"), text);
    }
}
