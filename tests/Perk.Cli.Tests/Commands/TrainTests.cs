using System.Text.Json;

namespace Perk.Cli.Tests.Commands;

/// <summary><c>perk pretrain</c> and <c>perk train</c> as processes: from books to a base, to a checkpoint, to an evaluation.</summary>
public sealed class TrainTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public TrainTests()
    {
        var text = string.Join('\n', Enumerable.Range(0, 400).Select(i => $"The old mill number {i} stood by the river. Nobody came there."));
        _folder.Add("books/mill.txt", System.Text.Encoding.UTF8.GetBytes(text));
        _folder.Add("base.json", """
            { "name": "tiny", "merges": 300, "steps": 3, "batch": 2, "tokens": 256, "warmup": 1, "checkpointEvery": 1,
              "model": { "hiddenSize": 16, "layers": 2, "heads": 2, "keyValueHeads": 2, "intermediateSize": 24, "maxPositions": 512, "ropeTheta": 10000 },
              "mixture": [ { "kind": "text", "weight": 1, "tokens": 64 }, { "kind": "comparisons", "weight": 1 } ] }
            """u8.ToArray());
        _folder.Add("train.json", Recipe(8));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_KilledAndGoneOnWith_EndsInTheSameBytesAsUninterruptedAndEvaluates()
    {
        Signals.SkipUnlessTheyWork();
        var based = await Perk("pretrain", "base.json", "--books", "books", "--out", "base");
        Assert.True(based.ExitCode == 0, based.Errors);

        string[] train = ["train", "train.json", "--model", "base/model", "--books", "books", "--threads", "1"];
        var whole = await Perk([.. train, "--out", "whole", "--json"]);
        Assert.True(whole.ExitCode == 0, whole.Errors);
        using (var json = JsonDocument.Parse(whole.Output)) Assert.Equal(Path.Combine("whole", "best"), json.RootElement.GetProperty("checkpoint").GetString());

        await using (var perk = PerkProcess.Start(_folder.Path, [.. train, "--out", "killed"]))
        {
            await perk.SaysAsync("step 2 ");
            await perk.KillAsync();
        }

        Assert.False(File.Exists(Path.Combine(_folder.Path, "killed", "best", "checkpoint.json")) && Steps("killed") == 8, "It was killed too late to tell anything.");
        var rest = await Perk([.. train, "--out", "killed"]);
        Assert.True(rest.ExitCode == 0, rest.Errors);
        Assert.Equal(8, Steps("killed"));
        foreach (var file in (string[])["state.safetensors", "last/adapter_model.safetensors", "last/meta.safetensors", "last/checkpoint.json"])
            Assert.Equal(Bytes("whole", file), Bytes("killed", file));

        var evaluated = await Perk(
            "evaluate", "--task", "qa1", "--length", "128", "--contexts", "2", "--max-tokens", "8", "--model", "base/model", "--checkpoint", "whole/best", "--json");
        Assert.True(evaluated.ExitCode == 0, evaluated.Errors);
        using var report = JsonDocument.Parse(evaluated.Output);
        Assert.False(report.RootElement.GetProperty("aboveControls").GetBoolean());

        var decided = await Perk("encode", "books/mill.txt", "--model", "base/model", "--checkpoint", "whole/best", "--rank", "4");
        Assert.Equal(2, decided.ExitCode);
        Assert.Contains("--rank is decided by the checkpoint", decided.Errors);
        var encoded = await Perk("encode", "books/mill.txt", "--model", "base/model", "--checkpoint", "whole/best", "--json");
        Assert.True(encoded.ExitCode == 0, encoded.Errors);
        using var rows = JsonDocument.Parse(encoded.Output);
        var adapter = rows.RootElement[0].GetProperty("adapter").GetString()!;
        var unnamed = await Perk("ask", adapter, "Who?", "--model", "base/model");
        Assert.Equal(2, unnamed.ExitCode);
        Assert.Contains("name its folder with --checkpoint", unnamed.Errors);
        Assert.Equal(0, (await Perk("ask", adapter, "Who?", "--model", "base/model", "--checkpoint", "whole/best")).ExitCode);
        var foreign = await Perk("ask", adapter, "Who?", "--checkpoint", "whole/best");
        Assert.Equal(1, foreign.ExitCode);
        Assert.Contains("was trained on base model model", foreign.Errors);
    }

    [Fact]
    public async Task Train_InterruptedByItsUser_SavesAndSaysThatItGoesOn()
    {
        Signals.SkipUnlessTheyWork();
        _folder.Add("train.json", Recipe(500));
        Assert.Equal(0, (await Perk("pretrain", "base.json", "--books", "books", "--out", "base")).ExitCode);
        string[] train = ["train", "train.json", "--model", "base/model", "--books", "books", "--threads", "1", "--out", "run"];
        await using var perk = PerkProcess.Start(_folder.Path, train);
        await perk.SaysAsync("step 2 ");
        await perk.SignalAsync("INT");
        var stopped = await perk.EndAsync(TimeSpan.FromSeconds(20));
        Assert.Equal((1, ""), (stopped.ExitCode, stopped.Output));
        Assert.Contains("cancelled", stopped.Errors);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "run", "state.safetensors")));
        Assert.InRange(Steps("run"), 2, 499);
    }

    private static byte[] Recipe(int steps) => System.Text.Encoding.UTF8.GetBytes($$"""
        { "lora": { "rank": 4 }, "inner": { "steps": 1, "rootEpsilon": 5, "weightDecay": 0, "normalisation": "sumOverConstant", "normalisationConstant": 1 },
          "outer": { "steps": {{steps}}, "warmup": 1 }, "problems": 2, "questions": 1, "segmentTokens": 48, "maxNewTokens": 4,
          "tasks": [ { "task": "qa1", "minLength": 64, "maxLength": 96 } ], "validateEvery": 2, "validationProblems": 1, "saveEvery": 1 }
        """);

    private int Steps(string run) => File.ReadAllLines(Path.Combine(_folder.Path, run, "metrics.jsonl")).Length;

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(Path.Combine(_folder.Path, run, file));

    private Task<PerkResult> Perk(params string[] arguments) => PerkProcess.RunAsync(_folder.Path, arguments);
}
