namespace Perk.Cli.Tests.Commands;

/// <summary>What a newcomer gets: help, and an error line with what to do.</summary>
public sealed class UsageTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2, "Required command was not provided.", "")]
    [InlineData(2, "'frobnicate'", "frobnicate")]
    [InlineData(2, "'--frob'", "encode page.txt --frob")]
    [InlineData(2, "'--jsno'", "ask abcd Who? --jsno")]
    [InlineData(2, "'FILE' missing", "encode")]
    [InlineData(2, "--rank must be a whole number, not 'four'.", "encode page.txt --rank four")]
    [InlineData(2, "--layer must be a whole number, not 'first'.", "encode page.txt --layer first")]
    [InlineData(2, "'nope' is not a projection of this model", "encode page.txt --target nope")]
    [InlineData(2, "--step-size must be a number, not 'x'.", "encode page.txt --step-size x")]
    [InlineData(2, "rank 0 is out of range", "encode page.txt --rank 0")]
    [InlineData(2, "Steps is 0; use 1 to 64", "encode page.txt --steps 0")]
    [InlineData(2, "MaxTokens must be from 16", "encode page.txt --segment-tokens 3")]
    [InlineData(2, "do not fit stories260K's window of 512", "encode page.txt --segment-tokens 500")]
    [InlineData(2, "Device 'tpu' is unknown; use auto, cpu or cuda", "encode page.txt --device tpu")]
    [InlineData(2, "'A B' is not a collection name", "encode page.txt --collection A_B")]
    [InlineData(2, "--max-tokens is 0", "ask abcd Who? --max-tokens 0")]
    [InlineData(2, "BatchSize must be between 1 and 32.", "serve --batch-size 0")]
    [InlineData(2, "--lock must be a time span such as 00:00:30, not '30'.", "serve --lock 30")]
    [InlineData(2, "is neither a file nor a document id", "question page Who?")]
    [InlineData(2, "'--task' is required", "evaluate")]
    [InlineData(2, "--contexts says nothing about a suite, whose file says it; leave it out.", "evaluate --suite small.json --contexts 3")]
    [InlineData(2, "--world says nothing about a suite, whose file says it; leave it out.", "evaluate --suite small.json --world test")]
    [InlineData(1, "nowhere.json: there is no such file; a suite of evaluations is expected.", "evaluate --suite nowhere.json")]
    [InlineData(1, "page.txt: ", "evaluate --suite page.txt")]
    [InlineData(2, "--no-event-prefix says nothing about task kv; leave it out.", "evaluate --task kv --no-event-prefix")]
    [InlineData(2, "Task 'qa9' is unknown; use qa1, qa2", "evaluate --task qa9")]
    [InlineData(2, "--length must be a number of tokens such as 1024, 8K or 1M, not '8X'.", "evaluate --task qa1 --length 8X")]
    [InlineData(2, "1 contexts are too few; use 2 or more", "evaluate --task qa1 --contexts 1")]
    [InlineData(2, "Method 'rag' is unknown; use perk, icr, prompt", "evaluate --task qa1 --method rag")]
    [InlineData(2, "Method icr needs an adapter that was trained", "evaluate --task qa1 --method icr")]
    [InlineData(2, "Task squad needs its data; name the file with --data.", "evaluate --task squad")]
    [InlineData(2, "--babi says nothing about task recall; leave it out.", "evaluate --task recall --babi page.txt")]
    [InlineData(2, "--data says nothing about task qa1; leave it out.", "evaluate --task qa1 --data page.txt")]
    [InlineData(2, "Depth 'deep' is unknown; use random, pre, mid, post", "evaluate --task kv --depth deep")]
    [InlineData(2, "World 'small' is unknown; use test, original or train.", "evaluate --task qa1 --world small")]
    [InlineData(2, "must be from 0 and together at most 1", "evaluate --task qa1 --unanswerable 0.7 --other-document 0.7")]
    [InlineData(1, "nowhere.json: there is no such file.", "evaluate --task squad --data nowhere.json")]
    [InlineData(1, "nowhere.json", "train nowhere.json --model nothing --out run")]
    [InlineData(1, "page.txt:", "pretrain page.txt")]
    [InlineData(2, "'--model' is required", "train page.txt --out run")]
    [InlineData(1, "page.txt: line 1 expected a number", "evaluate --task qa1 --babi page.txt")]
    [InlineData(1, "checkpoint.json: cannot be read", "evaluate --task kv --checkpoint nothing")]
    [InlineData(1, "holds no problems.jsonl; name the --out folder of an earlier run.", "evaluate --task kv --against nothing")]
    [InlineData(1, "'nowhere.txt' does not exist", "encode page.txt nowhere.txt")]
    [InlineData(1, "There are no files", "encode nothing")]
    [InlineData(1, "'nowhere.txt' does not exist", "submit nowhere.txt")]
    public async Task Perk_UsedWrongly_SaysHowInOneLineAndExitsWith(int code, string reason, string commandLine)
    {
        _folder.Add("page.txt", Small.Document("Lily"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "nothing"));
        string[] arguments = [.. commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(a => a.Replace('_', ' '))];
        var result = await PerkProcess.RunAsync(_folder.Path, arguments);
        Assert.Equal(code, result.ExitCode);
        var line = Assert.Single(result.Errors.Split('\n'), l => l.Contains(reason, StringComparison.Ordinal));
        Assert.DoesNotContain("Parameter", result.Errors);
        Assert.DoesNotContain("unexpected", result.Errors);
        if (arguments.Length < 2) return; // those get the whole help
        Assert.StartsWith("error: ", line);
        Assert.Equal("", result.Output);
    }

    [Theory]
    [InlineData("encode", "Write text files into adapters", "--store", "--rank", "--json")]
    [InlineData("ask", "Answer questions from an adapter", "ADAPTER", "--max-tokens")]
    [InlineData("evaluate", "Measure what adapters remember", "--task", "--haystack", "--against", "--checkpoint")]
    [InlineData("pretrain", "Train a small base model", "--books", "--out")]
    [InlineData("train", "Meta-train how contexts are written", "--model", "--start", "--threads")]
    [InlineData("serve", "Do the work of the queues", "--lock", "--http", "--retry-delay", "--host-json")]
    [InlineData("submit", "Upload documents and queue them", "--wait", "--connection")]
    [InlineData("model", "The checkpoints in the storage account", "push", "pull", "list")]
    [InlineData("question", "Queue questions to a submitted document", "--wait", "DOCUMENT")]
    public async Task Help_OfEachCommand_DescribesIt(string command, params string[] described)
    {
        var root = await PerkProcess.RunAsync(_folder.Path, ["--help"]);
        Assert.Contains($"  {command} ", root.Output);
        var help = await PerkProcess.RunAsync(_folder.Path, [command, "--help"]);
        Assert.Equal((0, ""), (help.ExitCode, help.Errors));
        Assert.All(described, text => Assert.Contains(text, help.Output));
    }
}
