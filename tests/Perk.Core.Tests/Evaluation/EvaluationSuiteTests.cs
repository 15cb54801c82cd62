using Perk.Core.Evaluation;
using Perk.Core.Tasks;

namespace Perk.Core.Tests.Evaluation;

public sealed class EvaluationSuiteTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Prepare_TheShippedSuite_DrawsWhatItAsksFor()
    {
        var suite = EvaluationSuite.Find(EvaluationFiles.Shipped.Suites, "nightly");
        var tasks = suite.Prepare(EvaluationFiles.Shipped.Books, Now);
        Assert.Equal(suite.Entries.Select(e => e.Contexts), tasks.Select(t => t.Set.Contexts));
        Assert.All(tasks, t => Assert.InRange(t.Set.Questions, t.Set.Contexts, 4 * t.Set.Contexts));
        Assert.Equal(EvaluationSuite.Definition(tasks), EvaluationSuite.Definition(suite.Prepare(EvaluationFiles.Shipped.Books, Now)));
    }

    [Theory]
    [InlineData("")]
    [InlineData(", \"questions\": 4")]
    [InlineData(", \"data\": \"other.jsonl\"")]
    public void Definition_OtherQuestions_IsAnother(string change)
    {
        // All questions of a file's contexts are not the first four of them, and other data are other data.
        static string Rows(string answer) => string.Concat(from i in Enumerable.Range(0, 2) from q in Enumerable.Range(0, 5)
            select $$"""{"context":"Context {{i}}. The word is {{answer}}.","question":"Which word, {{q}}?","answer":"{{answer}}"}""" + "\n");
        File.WriteAllText(_folder.File("rows.jsonl"), Rows("moon"));
        File.WriteAllText(_folder.File("other.jsonl"), Rows("sun"));
        var changed = change.Contains("data", StringComparison.Ordinal) ? Suite(change) : Suite($", \"data\": \"rows.jsonl\"{change}");
        Assert.Equal(change.Length == 0, Suite(", \"data\": \"rows.jsonl\"") == changed);

        string Suite(string options)
        {
            File.WriteAllText(_folder.File("s.json"), $$"""{"name":"s","entries":[{"name":"a","task":{"name":"jsonl"{{options}}},"contexts":2}]}""");
            return EvaluationSuite.Definition(EvaluationSuite.Find(_folder.Path, "s").Prepare(EvaluationFiles.Shipped.Books, Now));
        }
    }

    [Theory]
    [InlineData("\"recall\"", "\"recal\"", "entry a: Task 'recal' is unknown; use qa1")]
    [InlineData("\"length\": 256", "\"lenght\": 256", "entries[0].task.lenght is unknown here.")]
    [InlineData("\"length\": 256", "\"length\": \"8K\"", "entries[0].task.length is not a whole number.")]
    [InlineData("\"length\": 256", "\"eventPrefix\": 1", "entries[0].task.eventPrefix is not true or false.")]
    [InlineData("\"length\": 256", "\"world\": \"test\"", "entry a: world says nothing about task recall; leave it out.")]
    [InlineData("\"length\": 256", "\"depth\": \"deep\"", "entry a: Depth 'deep' is unknown")]
    [InlineData("\"length\": 256", "\"names\": [null]", "entry a: task.names holds null")]
    [InlineData("\"contexts\": 2", "\"contexts\": 1", "entry a: 1 contexts are too few")]
    [InlineData("\"contexts\": 2", "\"context\": 2", "entries[0].context is unknown here.")]
    [InlineData(", \"contexts\": 2", "", "entries[0].contexts is missing.")]
    [InlineData("\"perk\"", "\"rag\"", "entry a: Method 'rag' is unknown; use perk")]
    [InlineData("\"perk\"", "\"icr\"", "entry a: Method icr needs an adapter")]
    [InlineData("\"perk\"", "\"perk\", \"perk\"", "entry a: A method is named twice.")]
    [InlineData("[\"perk\"]", "\"perk\"", "entries[0].methods is not a list.")]
    [InlineData("\"name\": \"a\"", "\"name\": \"A\"", "entries[0].name: 'A' is not the name of a suite or of an entry")]
    [InlineData("\"name\": \"b\"", "\"name\": \"a\"", "entries[1].name: 'a' is the name of an earlier entry.")]
    [InlineData("\"name\": \"small\"", "\"name\": \"large\"", "name is 'large' and the file's 'small'; they must be the same.")]
    [InlineData("\"data\": \"own.jsonl\"", "\"data\": \"other.jsonl\"", "other.jsonl: there is no such file.")]
    public void Prepare_OneFault_NamesFileEntryAndKey(string good, string bad, string said)
    {
        const string Suite = """
            {
              "name": "small",
              "entries": [
                { "name": "a", "task": { "name": "recall", "length": 256 }, "contexts": 2, "methods": ["perk"] },
                { "name": "b", "task": { "name": "jsonl", "data": "own.jsonl" }, "contexts": 2, "maxTokens": 8 }
              ]
            }
            """;
        File.WriteAllText(_folder.File("own.jsonl"), """
            {"context":"The key lies under the mat.","question":"Where is the key?","answers":["under the mat"]}
            {"context":"The cat is on the roof.","question":"Where is the cat?","answers":["on the roof"]}
            """);
        var file = _folder.File("small.json");
        File.WriteAllText(file, Suite);
        Assert.Equal([2, 2], EvaluationSuite.Load(file).Prepare(RepositoryFiles.Books, Now).Select(t => t.Set.Contexts));

        File.WriteAllText(file, Suite.Replace(good, bad, StringComparison.Ordinal));
        var fault = Assert.Throws<TaskDataException>(() => EvaluationSuite.Load(file).Prepare(RepositoryFiles.Books, Now));
        Assert.StartsWith(file + ": ", fault.Message, StringComparison.Ordinal);
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "small.json: ")]
    [InlineData("null", "expected an object")]
    [InlineData("{\"name\":\"small\",\"entries\":[]}", "entries is empty")]
    [InlineData("{\"name\":\"small\",\"entries\":[null]}", "entries[0] is null")]
    [InlineData("{\"entries\":[]}", "name is missing.")]
    public void Load_NoSuite_SaysWhatIsWrong(string json, string said)
    {
        File.WriteAllText(_folder.File("small.json"), json);
        Assert.Contains(said, Assert.Throws<TaskDataException>(() => EvaluationSuite.Load(_folder.File("small.json"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_UnknownSuite_NamesThoseThereAre()
    {
        File.WriteAllText(_folder.File("weekly.json"), "{}");
        Assert.Contains("there is no suite 'nightly' here (there are weekly)", Assert.Throws<TaskDataException>(() => EvaluationSuite.Find(_folder.Path, "nightly")).Message, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => EvaluationSuite.Find(_folder.Path, "../weekly"));
    }
}
