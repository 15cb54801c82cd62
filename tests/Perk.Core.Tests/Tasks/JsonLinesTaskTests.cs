using System.IO.Compression;
using System.Text;
using Perk.Core.Documents;
using Perk.Core.Models;
using Perk.Core.Tasks;

namespace Perk.Core.Tests.Tasks;

public sealed class JsonLinesTaskTests : IDisposable
{
    private const string Blank = "must be a text with more than white space.";

    private const string Good = """{"context":"The key is red.","question":"Which colour?","answers":["red"]}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void New_OneRowALine_ReadsEveryField()
    {
        var task = Read("""
            {"id": 7, "context": "The key is red. The door is blue.", "question": "Which?", "answers": ["red", "pink"], [support]}

            {"context": ["One.", "Two is two."], "question": "What?", "answer": "two", "support": ["Two is two."], "more": {}}
            {"context": "Nothing.", "question": "Who?", "answers": "unknown", "support": null, "kind": null}
            """.Replace("[support]", "\"support\": [\"The door is blue.\", \"The key is red.\"], \"kind\": \"colour\""));
        Assert.Equal(3, task.Draws);
        var (first, second, third) = (task.Problem(0), task.Problem(1), task.Problem(2));
        Assert.All([first, second, third], TaskChecks.CheckForm);

        var question = Assert.Single(first.Questions);
        Assert.Equal((SegmentUnit.Packed, "colour", "Which?"), (first.Unit, question.Kind, question.Text));
        Assert.Equal(["red", "pink"], question.Answers);
        Assert.Equal([("The door is blue.", 16), ("The key is red.", 0)], question.Support.Select(s => (s.Text, s.Offset)));

        Assert.Equal((1, SegmentUnit.Paragraph, "One.\n\nTwo is two."), (second.Index, second.Unit, second.Context));
        question = Assert.Single(second.Questions);
        Assert.Equal(("question", "two", 6), (question.Kind, question.Answers[0], question.Support[0].Offset));
        Assert.Equal(Answerability.Unanswerable, Assert.Single(third.Questions).Answerability);

        Assert.Equal(
            [new("colour", "red", 0), new("colour", "pink", 0), new("question", "two", 1), new("question", "unknown", 2)],
            task.TrainingAnswers());
    }

    [Fact]
    public void New_RowsOfOneContext_AreQuestionsOfOneDrawUpToTheirNumber()
    {
        var rows = string.Join('\n', "aaaaabba".Select((c, i) => Good.Replace("The key", $"{c}").Replace("Which", $"{i}")));
        var task = Read(rows, questions: 3);
        Assert.Equal(
            ["a 0 1 2", "a 3 4", "b 5 6", "a 7"],
            Enumerable.Range(0, task.Draws!.Value).Select(task.Problem)
                .Select(p => p.Context[0] + string.Concat(p.Questions.Select(q => " " + q.Text[0]))));
        Assert.Equal([0, 0, 0, 1, 1, 2, 2, 3], task.TrainingAnswers().Select(a => a.Draw));
    }

    [Fact]
    public void New_SameTextOnceAsArray_IsAnotherContext() =>
        Assert.Equal(2, Read(Good + "\n" + Good.Replace("\"The key is red.\"", "[\"The key is red.\"]"), questions: 5).Draws);

    [Fact]
    public void Draw_LongerThanTheLength_IsDroppedByItsReason()
    {
        var tokens = Gpt2Merges.Tokenizer.Count("The key is red.");
        Assert.Null(Read(Good, length: tokens).Draw(0).Dropped);
        Assert.Equal(new Draw(null, "longer than the context length"), Read(Good, length: tokens - 1).Draw(0));
    }

    [Theory]
    [InlineData("babilong/qa1.json", "garden", 1)]
    [InlineData("babilong/qa2.json", "hallway", 2)]
    [InlineData("babilong/qa3.json", "office", 3)]
    [InlineData("longgorilla/huggingface_api.json", "AutoModel.from_pretrained('YituTech/conv-bert-base')", 0)]
    public void New_AuthorsSample_IsOneProblemWithItsSupport(string file, string answer, int support)
    {
        var task = new JsonLinesTask(new() { Path = RepositoryFiles.Fixture(["perk-samples", .. file.Split('/')]) });
        Assert.Equal(1, task.Draws);
        var problem = task.Problem(0);
        TaskChecks.CheckForm(problem);
        var question = Assert.Single(problem.Questions);
        Assert.Equal((SegmentUnit.Paragraph, support), (problem.Unit, question.Support.Count));
        Assert.Equal([answer], question.Answers);
        Assert.All(question.Support, s => Assert.InRange(s.Depth, 0.01, 0.99)); // inside longer paragraphs
        Assert.Contains(answer, problem.Context);
    }

    [Fact]
    public void New_ArrayOfRowsOrPackedFile_IsReadAlike()
    {
        var expected = TaskChecks.Hash(Read(Good + "\n" + Good.Replace("red", "blue")), 2);
        Assert.Equal(expected, TaskChecks.Hash(Read($"[\n{Good},\n{Good.Replace("red", "blue")}\n]"), 2));
        Assert.Equal(expected, TaskChecks.Hash(Read("\uFEFF" + Good + "\r\n" + Good.Replace("red", "blue") + "\r\n"), 2));

        var path = _folder.File("rows.jsonl.gz");
        using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            packed.Write(Encoding.UTF8.GetBytes(Good + "\n" + Good.Replace("red", "blue") + "\n"));
        Assert.Equal(expected, TaskChecks.Hash(new JsonLinesTask(new() { Path = path }), 2));
    }

    public static TheoryData<string, string> Wrong => new()
    {
        { "", "is empty; one JSON object a line is expected." },
        { " \n\n", "is empty; one JSON object a line is expected." },
        { Good + "\n{\"context\": ", "line 2: is not valid JSON: " },
        { Good + "\n[1]", "line 2: a JSON object is expected." },
        { Good + "\n\n\"text\"", "line 3: a JSON object is expected." },
        { Good.Replace("\"context\"", "\"contexts\""), "line 1: field 'context' is missing." },
        { Good.Replace("\"The key is red.\"", "7"), "line 1: field 'context' must be a text or an array of texts." },
        { Good.Replace("\"The key is red.\"", "[]"), "line 1: field 'context' must be a text or an array of texts." },
        { Good.Replace("\"The key is red.\"", "[\"a\", \" \"]"), "line 1: field 'context[1]' " + Blank },
        { Good.Replace("\"The key is red.\"", "\"\""), "line 1: field 'context' " + Blank },
        { Good + "\n" + Good.Replace("\"question\"", "\"q\""), "line 2: field 'question' is missing." },
        { Good.Replace("\"Which colour?\"", "[\"Which colour?\"]"), "line 1: field 'question' " + Blank },
        { Good.Replace("answers", "gold"), "line 1: field 'answers' is missing." },
        { Good.Replace("[\"red\"]", "[]"), "line 1: field 'answers' must be a text or an array of texts." },
        { Good.Replace("[\"red\"]", "[1]"), "line 1: field 'answers[0]' " + Blank },
        { Good.Replace("}", ",\"answer\":\"red\"}"), "line 1: has both fields 'answers' and 'answer'; keep one." },
        { Good.Replace("}", ",\"question\":\"Who?\"}"), "line 1: is not valid JSON: " },
        { Good.Replace("}", ",\"kind\":3}"), "line 1: field 'kind' " + Blank },
        { Good.Replace("}", ",\"support\":\"The key is red.\"}"), "line 1: field 'support' must be an array of texts." },
        {
            Good + "\n" + Good.Replace("}", ",\"support\":[\"The key is red.\",\"the key is red.\"]}"),
            "line 2: field 'support[1]' does not stand in the context as it is written: \"the key is red.\"."
        },
        {
            Good.Replace("[\"red\"]", "\"unknown\"").Replace("}", ",\"support\":[\"The key\"]}"),
            "line 1: field 'support' must be absent where the answer is 'unknown'."
        },
        { "[" + Good + ",\n" + Good.Replace("question", "q") + "]", "row 2: field 'question' is missing." },
        { "[\n" + Good + "\n" + Good + "]", "line 3: is not valid JSON: " },
        { "[]", "holds neither JSON objects, one a line, nor an array of them." },
        { "7", "holds neither JSON objects, one a line, nor an array of them." },
        { "{\n\"context\": \"a\"\n}", "the object: field 'question' is missing." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void New_WrongFile_NamesLineAndField(string text, string message)
    {
        var wrong = Assert.Throws<TaskDataException>(() => Read(text));
        Assert.Equal(_folder.File("rows.json"), wrong.File);
        Assert.StartsWith($"{wrong.File}: {message}", wrong.Message);
        if (!message.EndsWith("JSON: ", StringComparison.Ordinal)) Assert.EndsWith(message, wrong.Message);
        Assert.DoesNotContain("LineNumber", wrong.Message);
    }

    [Fact]
    public void New_NameOfLines_BlamesTheBrokenFirstLine()
    {
        var path = _folder.File("rows.jsonl");
        File.WriteAllText(path, Good[..^1] + "\n" + Good);
        var wrong = Assert.Throws<TaskDataException>(() => new JsonLinesTask(new() { Path = path }));
        Assert.StartsWith($"{path}: line 1: is not valid JSON: ", wrong.Message);
    }

    [Theory]
    [InlineData(0, null, "Questions is 0; a draw has at least 1.")]
    [InlineData(1, 0, "Length is 0 tokens; a context has at least 1.")]
    public void New_WrongOption_SaysWhatWouldBeRight(int questions, int? length, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => Read(Good, questions, length)).Message);

    private JsonLinesTask Read(string text, int questions = 1, int? length = null)
    {
        var path = _folder.File("rows.json");
        File.WriteAllText(path, text);
        return new JsonLinesTask(new() { Path = path, Questions = questions, Length = length });
    }
}
