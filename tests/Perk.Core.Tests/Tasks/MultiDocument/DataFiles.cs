using Perk.Core.Tasks;
using Perk.Core.Tasks.MultiDocument;

namespace Perk.Core.Tests.Tasks.MultiDocument;

/// <summary>Small files of each format.</summary>
internal static class DataFiles
{
    public static string HotpotQa { get; } = RepositoryFiles.Fixture("hotpotqa", "hotpot_distractor_10.json.gz");

    public static string Squad { get; } = RepositoryFiles.Fixture("squad", "squad_dev_12.json");

    public static string ApiBench { get; } = RepositoryFiles.Fixture("apibench", "torchhub_train_15.jsonl");

    public static string ApiDescriptions { get; } = RepositoryFiles.Fixture("apibench", "torchhub_api_5.jsonl");

    /// <summary>Reads text as a file.</summary>
    public static QuestionSet Read(Func<string, QuestionSet> reader, string text)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("data.json");
        File.WriteAllText(file, text);
        return reader(file);
    }

    /// <summary>What reading text as a file reports, after the file's name.</summary>
    public static string ErrorOf(Func<string, QuestionSet> reader, string text)
    {
        var error = Assert.Throws<TaskDataException>(() => Read(reader, text));
        Assert.EndsWith("data.json", error.File, StringComparison.Ordinal);
        return error.Message[(error.File.Length + 2)..];
    }

    /// <summary>The parts of the gold paragraphs that support a question.</summary>
    public static IEnumerable<string> SupportOf(DocumentQuestion question) =>
        question.Support.Select(s => question.Gold[s.Gold].Block.Substring(s.Start, s.Length));

    /// <summary>
    /// Rows as Lost in the Middle writes them: row i asks for a number that only its gold paragraph tells, among two paragraphs that
    /// no one asks about.
    /// </summary>
    public static string LostInTheMiddle(int rows) => string.Concat(Enumerable.Range(0, rows).Select(Row));

    private static string Row(int i)
    {
        var gold = $$"""
            {"title": "Tower {{i}}", "text": "Tower {{i}} is old. It has {{7000 + i}} bells, as Mr. Poe says. It is tall.",
            "hasanswer": true, "isgold": true}
            """.ReplaceLineEndings(" ");
        var answers = $$"""["{{7000 + i}}", "{{7000 + i}} bells"]""";
        var ctxs = $"[{Other(i, "left")}, {gold}, {Other(i, "right")}]";
        return $$"""{"question": "how many bells has tower {{i}}", "answers": {{answers}}, "ctxs": {{ctxs}}}""" + "\n";
    }

    private static string Other(int i, string side)
    {
        var text = $"The house on the {side} of road {i} is {string.Concat(Enumerable.Repeat("very ", i % 11))}small.";
        return $$"""{"id": "{{i}}", "title": "House {{i}} {{side}}", "text": "{{text}}", "hasanswer": false, "isgold": false}""";
    }
}
