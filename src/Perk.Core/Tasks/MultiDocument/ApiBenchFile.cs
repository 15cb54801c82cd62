namespace Perk.Core.Tasks.MultiDocument;

/// <summary>
/// Reads APIBench (Patil et al. 2023, Gorilla): <c>{code, api_call, provider, api_data: {…}}</c> a line. The question is the
/// instruction within <c>code</c>, the answer is <c>api_call</c>, the document is the description of the API.
/// </summary>
/// <remarks>Rows whose instruction cannot be told from the rest of <c>code</c> are dropped and counted.</remarks>
public static class ApiBenchFile
{
    /// <summary>Why rows are dropped.</summary>
    internal const string NoInstruction = "the row's code holds no readable instruction";

    /// <summary>Reads a file; unpacks <c>.gz</c>.</summary>
    /// <param name="path">Rows with instructions.</param>
    /// <param name="descriptions">
    /// A file of further API descriptions (APIBench's <c>…_api.jsonl</c>) to fill contexts with, or null.
    /// </param>
    /// <exception cref="TaskDataException">They are not such files; the message names row and field.</exception>
    public static QuestionSet Read(string path, string? descriptions = null)
    {
        var rows = JsonRows.Read(path);
        DocumentQuestion[] questions = [.. rows.Select(Question).OfType<DocumentQuestion>()];
        return new QuestionSet(path, questions, DroppedRows.Count(NoInstruction, rows.Count - questions.Length))
        {
            Fillers = descriptions is null ? [] : [.. JsonRows.Read(descriptions).Select(r => ApiDescription.Of(r, Call(r)))],
        };
    }

    private static DocumentQuestion? Question(JsonRow row)
    {
        if (!row.Has("code") && row.Has("api_name"))
        {
            throw row.Wrong(
                "code is missing: this is a description of an API, which asks nothing; expected rows of {code, api_call, "
                + "api_data}, as in APIBench's …_train.json and …_eval.json");
        }

        var (code, call) = (row.Text("code"), Call(row));
        var description = ApiDescription.Of(row.Field("api_data", "the description of an API"), call);
        return Instruction(code) is { } instruction
            ? new DocumentQuestion
            {
                Kind = QuestionKind.ApiCall,
                Text = instruction,
                Answers = [call],
                Gold = [description],
                Support = [new SupportSpan(0, 0, description.Block.Length)],
            }
            : null;
    }

    private static string Call(JsonRow row) => OneLine.Of(row.Text("api_call"));

    /// <summary>
    /// The instruction of <c>###Instruction: … ###Output: …</c> or of <c>{'Instruction': …, 'Output': …}</c>; null without one.
    /// </summary>
    internal static string? Instruction(string code)
    {
        var text = Between(code, "###Instruction:", "###Output")
            ?? Between(code, "{'Instruction':", "'Output':")?.TrimEnd().TrimEnd(',');
        if (text is null) return null;
        text = OneLine.Of(text);
        if (text.Length >= 2 && text[0] == text[^1] && text[0] is '"' or '\'') text = text[1..^1].Trim();
        return text.Length == 0 ? null : text;
    }

    private static string? Between(string text, string before, string after)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal);
        if (start < 0) return null;
        var end = text.IndexOf(after, start + before.Length, StringComparison.Ordinal);
        return end < 0 ? null : text[(start + before.Length)..end];
    }
}
