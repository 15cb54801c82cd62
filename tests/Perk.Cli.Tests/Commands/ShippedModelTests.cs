using System.Text.Json;

namespace Perk.Cli.Tests.Commands;

/// <summary>What is used where nobody names a model.</summary>
public sealed class ShippedModelTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EncodeAndAsk_NoModelNamed_AnswerFromTheCheckpointThatShips()
    {
        _folder.Add("page.txt", "Walter Event 0: Walter went to the gallery. It was a cold day. Nora Event 0: Nora moved to the harbour. Walter Event 1: Walter journeyed to the tower."u8.ToArray());
        var encoded = await Perk("encode", "page.txt", "--json");
        Assert.Equal(0, encoded.ExitCode);
        using var rows = JsonDocument.Parse(encoded.Output);
        Assert.Equal("perk-1m", rows.RootElement[0].GetProperty("manifest").GetProperty("baseModel").GetString());
        var adapter = rows.RootElement[0].GetProperty("adapter").GetString()!;
        var answered = await Perk("ask", adapter, "Where is Walter?", "Where is Nora?", "--json");
        using var answers = JsonDocument.Parse(answered.Output);
        Assert.Equal(["tower", "harbour"], answers.RootElement.EnumerateArray().Select(a => a.GetProperty("answer").GetString()));
    }

    [Fact]
    public async Task Encode_OptionThatTheShippedCheckpointDecides_SaysHowToGetAnUntrainedModel()
    {
        _folder.Add("page.txt", Small.Document("Lily"));
        var refused = await Perk("encode", "page.txt", "--rank", "4");
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("--rank is decided by the checkpoint; leave it out, or name a model with --model, which is then used untrained.", refused.Errors);
    }

    private Task<PerkResult> Perk(params string[] arguments) => PerkProcess.RunAsync(_folder.Path, arguments, model: "");
}
