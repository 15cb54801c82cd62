using System.Text.Json;

namespace Perk.Cli.Tests.Commands;

/// <summary>A training of about a minute (recipes/train-smoke.json), from no adapter at all to a memory: the whole of the method learns.</summary>
public sealed class SmokeTrainingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private static readonly string[] Model = ["--model", Path.Combine(AppContext.BaseDirectory, "models", "perk-1m")];
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_SmokeRecipe_IsFarAboveEveryControl()
    {
        await Perk(["train", Path.Combine(AppContext.BaseDirectory, "recipes", "train-smoke.json"), .. Model, "--out", "run"]);
        string[] task = ["--task", "qa1", "--world", "original", "--length", "64", "--contexts", "20", "--questions", "3", "--seed", "7"];
        var output = await Perk(["evaluate", .. task, .. Model, "--checkpoint", Path.Combine("run", "last"), "--json"]);
        using var report = JsonDocument.Parse(output);
        Assert.True(report.RootElement.GetProperty("aboveControls").GetBoolean(), output);
        Assert.True(report.RootElement.GetProperty("exactMatch").GetDouble() >= 0.6, output);
        Assert.All(report.RootElement.GetProperty("controls").EnumerateArray(), c => Assert.True(c.GetProperty("exactMatch").GetProperty("mean").GetDouble() <= 0.35, output));
    }

    private async Task<string> Perk(string[] arguments)
    {
        await using var perk = PerkProcess.Start(_folder.Path, arguments);
        var result = await perk.EndAsync(Patience);
        Assert.True(result.ExitCode == 0, result.Errors);
        return result.Output;
    }
}
