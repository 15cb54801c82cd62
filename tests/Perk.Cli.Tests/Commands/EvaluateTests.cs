using System.Text.Json;

namespace Perk.Cli.Tests.Commands;

/// <summary><c>perk evaluate</c> as a process, on the untrained model that ships.</summary>
public sealed class EvaluateTests : IDisposable
{
    private static readonly string[] Fields =
    [
        "task", "method", "length", "contexts", "questions", "exactMatch", "exactMatchLow", "exactMatchHigh", "tokenF1", "subEM", "supportPrecision",
        "supportRecall", "encodeSeconds", "answerSeconds", "contextTokens", "peakMemoryBytes",
    ];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("qa1", 512)]
    [InlineData("qa2", 1024)]
    [InlineData("recall", 256)]
    [InlineData("relation", 512)]
    [InlineData("aggregate", 256)]
    [InlineData("kv", 512)]
    [InlineData("order", 512)]
    public async Task Evaluate_UntrainedModel_PrintsOneObjectThatIsNotAboveTheControls(string task, int length)
    {
        var result = await Perk("evaluate", "--task", task, "--length", $"{length}", "--contexts", "2", "--questions", "2", "--max-tokens", "16", "--json");
        Assert.True(result.ExitCode == 0, result.Errors);
        using var json = JsonDocument.Parse(result.Output);
        var report = json.RootElement;
        Assert.All(Fields, f => Assert.True(report.TryGetProperty(f, out _), f));
        Assert.Equal((task, "perk", length, 2), (Text("task"), Text("method"), Number("length"), Number("contexts")));
        Assert.InRange(report.GetProperty("contextTokens").GetDouble(), length * 0.8, length);
        Assert.False(report.GetProperty("aboveControls").GetBoolean());
        Assert.Equal(["blind", "none", "swap", "constant"], report.GetProperty("controls").EnumerateArray().Select(c => c.GetProperty("method").GetString()));
        Assert.Contains("context 2/2", result.Errors);

        string? Text(string field) => report.GetProperty(field).GetString();
        int Number(string field) => report.GetProperty(field).GetInt32();
    }

    [Fact]
    public async Task Evaluate_SeveralMethodsForPeople_ShowsATableWithControlsAndWhatDoesNotFit()
    {
        string[] command = ["evaluate", "--task", "qa1", "--contexts", "2", "--method", "perk", "--method", "prompt", "--method", "bm25", "--max-tokens", "8", "--out", "run"];
        var first = await Perk(command);
        Assert.True(first.ExitCode == 0, first.Errors);
        foreach (var row in (string[])["perk", "prompt", "bm25", "blind", "none", "swap", "constant"]) Assert.Matches($@"\n\s+{row} ", first.Output);
        Assert.Contains("prompt: the prompt does not fit the model's window of 512 tokens", first.Output);
        Assert.Contains("memory of the context is not shown", first.Output);
        Assert.Contains("perk less bm25 on the same", first.Output);
        string[] files = ["contexts.jsonl", "problems.jsonl", "report.json", "report.md", "run.json"];
        Assert.Equal(files, Directory.GetFiles(Path.Combine(_folder.Path, "run")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // The same again asks nothing; more contexts go on; another seed is another run.
        var again = await Perk(command);
        Assert.Equal(0, again.ExitCode);
        Assert.DoesNotContain("context 1/", again.Errors);
        command[4] = "3";
        var more = await Perk([.. command, "--json"]);
        Assert.Contains("context 3/3", more.Errors);
        Assert.DoesNotContain("context 1/", more.Errors);
        Assert.Contains("\"contexts\": 3", more.Output);
        var other = await Perk([.. command, "--seed", "5"]);
        Assert.Equal(2, other.ExitCode);
        Assert.Contains("holds another run: options is", other.Errors);

        var unlike = await Perk("evaluate", "--task", "qa1", "--contexts", "2", "--max-tokens", "8", "--seed", "9", "--against", "run");
        Assert.Equal(2, unlike.ExitCode);
        Assert.Contains("asked other questions", unlike.Errors);
        Assert.DoesNotContain("context 1/", unlike.Errors);
        var compared = await Perk("evaluate", "--task", "qa1", "--contexts", "2", "--max-tokens", "8", "--against", "run");
        Assert.Contains("perk less perk (earlier run) on the same", compared.Output);
    }

    [Fact]
    public async Task Evaluate_Interrupted_EndsWithinSecondsAndGoesOn()
    {
        Signals.SkipUnlessTheyWork();
        string[] command = ["evaluate", "--task", "qa1", "--length", "2K", "--contexts", "4", "--questions", "1", "--max-tokens", "8", "--out", "run"];
        await using (var perk = PerkProcess.Start(_folder.Path, [.. command, .. Small.Flags]))
        {
            await perk.SaysAsync("context 2/4");
            await perk.SignalAsync("INT");
            var stopped = await perk.EndAsync(TimeSpan.FromSeconds(10));
            Assert.Equal((1, ""), (stopped.ExitCode, stopped.Output));
        }

        var rest = await Perk(command);
        Assert.Equal(0, rest.ExitCode);
        Assert.DoesNotContain("context 1/4", rest.Errors);
        Assert.Equal(4, File.ReadLines(Path.Combine(_folder.Path, "run", "contexts.jsonl")).Count());
    }

    [Fact]
    public async Task Evaluate_ASuite_KeepsAFolderAnEntryGoesOnAndIsComparedWithAnEarlierRun()
    {
        _folder.Add("small.json", """
            {
              "name": "small",
              "entries": [
                { "name": "kv", "task": { "name": "kv", "length": 256, "questions": 1 }, "contexts": 2, "maxTokens": 4 },
                { "name": "own", "task": { "name": "jsonl", "data": "own.jsonl" }, "contexts": 2, "methods": ["bm25", "none"], "maxTokens": 4 }
              ]
            }
            """u8.ToArray());
        _folder.Add("own.jsonl", """
            {"context":"The key lies under the mat.","question":"Where is the key?","answers":["under the mat"]}
            {"context":"The cat is on the roof.","question":"Where is the cat?","answers":["on the roof"]}
            """u8.ToArray());
        string[] command = ["evaluate", "--suite", "small.json", "--out", "run"];
        var first = await Perk(command);
        Assert.True(first.ExitCode == 0, first.Errors);
        foreach (var row in (string[])[@"kv\s+perk", @"own\s+bm25", @"own\s+none"]) Assert.Matches($@"\n\s+{row} ", first.Output);
        Assert.Contains("Nothing is compared. There is no earlier report of this suite.", first.Output);
        var run = Path.Combine(_folder.Path, "run");
        Assert.Equal(["kv", "own", "report.json", "report.md"], Directory.GetFileSystemEntries(run).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.StartsWith("# small, ", await File.ReadAllTextAsync(Path.Combine(run, "report.md"), TestContext.Current.CancellationToken));

        Assert.DoesNotContain("context 1/", (await Perk(command)).Errors);
        var compared = await Perk("evaluate", "--suite", "small.json", "--against", "run", "--json");
        Assert.True(compared.ExitCode == 0, compared.Errors);
        using var json = JsonDocument.Parse(compared.Output);
        var changes = json.RootElement.GetProperty("entries").EnumerateArray().SelectMany(e => e.GetProperty("results").EnumerateArray()).Select(r => r.GetProperty("change").GetProperty("difference").GetDouble());
        Assert.Equal([0, 0, 0], changes);
        Assert.Equal("small", json.RootElement.GetProperty("against").GetProperty("suite").GetString());

        var foreign = await Perk("evaluate", "--suite", "small.json", "--against", "run/kv");
        Assert.Equal(1, foreign.ExitCode);
        Assert.Contains("holds no report.json of a suite", foreign.Errors);
    }

    [Fact]
    public async Task Evaluate_OwnJsonLines_NeedsNothingElse()
    {
        _folder.Add("own.jsonl", """
            {"context":"The key lies under the mat. The car is blue.","question":"Where is the key?","answers":["under the mat"],"support":["The key lies under the mat."]}
            {"context":"The key lies under the mat. The car is blue.","question":"What colour is the car?","answers":"blue"}
            {"context":["The cat is on the roof.","The dog sleeps."],"question":"Where is the cat?","answers":["on the roof","roof"]}
            """u8.ToArray());
        var result = await Perk("evaluate", "--task", "jsonl", "--data", "own.jsonl", "--contexts", "2", "--max-tokens", "8", "--method", "prompt", "--json");
        Assert.True(result.ExitCode == 0, result.Errors);
        using var json = JsonDocument.Parse(result.Output);
        Assert.Equal((2, 3, JsonValueKind.Null), (json.RootElement.GetProperty("contexts").GetInt32(), json.RootElement.GetProperty("questions").GetInt32(),
            json.RootElement.GetProperty("length").ValueKind));
    }

    [Fact]
    public async Task Evaluate_IcrWithAnAdapterAlone_NeedsNoMetaParameters()
    {
        _folder.Add("page.txt", Small.Document("Lily"));
        Assert.Equal(0, (await Perk("encode", "page.txt")).ExitCode);
        var stored = Path.GetDirectoryName(Directory.GetFiles(_folder.Path, "adapter_model.safetensors", SearchOption.AllDirectories).Single())!;
        string[] command = ["evaluate", "--task", "recall", "--length", "256", "--contexts", "2", "--questions", "1", "--max-tokens", "8", "--method", "icr", "--checkpoint", stored];
        var alone = await PerkProcess.RunAsync(_folder.Path, [.. command, "--json"]);
        Assert.True(alone.ExitCode == 0, alone.Errors);
        Assert.Contains("\"method\": \"icr\"", alone.Output);
        var both = await PerkProcess.RunAsync(_folder.Path, [.. command, "--method", "perk"]);
        Assert.Equal(2, both.ExitCode);
        Assert.Contains("name its folder with --icr", both.Errors);
    }

    private Task<PerkResult> Perk(params string[] arguments) => PerkProcess.RunAsync(_folder.Path, [.. arguments, .. Small.Flags]);
}
