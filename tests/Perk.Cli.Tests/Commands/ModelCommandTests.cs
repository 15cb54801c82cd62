using System.Text.Json;
using Perk.Cli.Tests.Serve;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Commands;

/// <summary><c>perk model</c> as a process on a storage emulator.</summary>
public sealed class ModelCommandTests(QueuesFixture storage) : IClassFixture<QueuesFixture>, IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PushListPull_CheckpointThatShips_IsTheSameElsewhere()
    {
        var dry = await Shipped("model", "push", "--dry-run");
        Assert.Equal(0, dry.ExitCode);
        Assert.Contains("(perk-1m, trained, ", dry.Output);
        Assert.Contains("  model.safetensors 5.1 MiB", dry.Output);

        var pushed = await Shipped("model", "push");
        Assert.Equal(0, pushed.ExitCode);
        Assert.Contains("push perk-1m: ", pushed.Errors); // The progress, line by line where there is no terminal.
        var id = pushed.Output.Split(' ')[0];
        var listed = await Shipped("model", "list", "--json");
        using var rows = JsonDocument.Parse(listed.Output);
        var row = Assert.Single(rows.RootElement.EnumerateArray());
        Assert.Equal((id, "perk-1m"), (row.GetProperty("checkpoint").GetString(), row.GetProperty("baseModel").GetString()));

        var pulled = await Shipped("model", "pull", id[..6], "--out", "models", "--json");
        Assert.Equal(0, pulled.ExitCode);
        using var where = JsonDocument.Parse(pulled.Output);
        var source = new CheckpointSource { ModelFolder = where.RootElement.GetProperty("model").GetString()!, Folder = where.RootElement.GetProperty("folder").GetString() };
        Assert.Equal((id, "perk-1m"), (source.Id(), source.ModelName));
        Assert.StartsWith(_folder.Path, source.ModelFolder);

        // A host without files fails where a file in the store was changed, and says which.
        var manifest = await new ModelShelf(storage.Account.Objects).RequireAsync(id, Now);
        var payload = Names.ModelPayload(manifest.Trained.Single(f => f.Name == "meta.safetensors").Sha256);
        await storage.Account.Objects.WriteAsync(payload, "nonsense"u8.ToArray(), Now);
        var refused = await Shipped("model", "pull", id, "--out", "elsewhere");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Contains($"error: {payload}: is not meta.safetensors of checkpoint {id} (perk-1m): 8 bytes", refused.Errors);
        await storage.Account.Objects.DeleteAsync(Names.ModelManifest(id), Now);
    }

    [Fact]
    public async Task PushPull_UntrainedWithOptions_SaysWithWhichOptionsItIsUsed()
    {
        var pushed = await Perk("model", "push", "--rank", "4", "--steps", "2", "--layer", "1");
        Assert.Equal(0, pushed.ExitCode);
        var id = pushed.Output.Split(' ')[0];
        var pulled = await PerkProcess.RunAsync(
            _folder.Path, ["model", "pull", id], storage.ConnectionString, settings: new Dictionary<string, string> { ["PERK_CACHE"] = Path.Combine(_folder.Path, "cache") });
        Assert.Contains("--layer 1 --rank 4 --alpha 16 --steps 2 --step-size 0.002 --seed 0", pulled.Output);
        var model = Path.Combine(_folder.Path, "cache", "models", id, "base", "stories260K");
        Assert.Contains($"--model {model} ", pulled.Output);
        Assert.Contains($"{id}  stories260K  untrained  ", Spaced((await Perk("model", "list")).Output));
        var again = await Perk(["model", "push", .. pulled.Output.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Contains($"{id} (stories260K, untrained, ", again.Output);
        Assert.Contains("is there already", again.Output);
        await storage.Account.Objects.DeleteAsync(Names.ModelManifest(id), Now);
    }

    [Theory]
    [InlineData(1, "there is no such checkpoint in this storage account.", "pull", "0123")]
    [InlineData(2, "'xyz' is not a checkpoint id; give 4 to 64", "pull", "xyz")]
    [InlineData(2, "--rank is decided by the checkpoint", "push", "--model", "MODEL", "--checkpoint", "MODEL/memory", "--rank", "4")]
    [InlineData(1, "nowhere: is not a folder", "push", "--model", "nowhere")]
    public async Task Model_UsedWrongly_SaysHowAndExitsWith(int code, string reason, params string[] arguments)
    {
        var shipped = Path.Combine(AppContext.BaseDirectory, "models", "perk-1m");
        var result = await Perk(["model", .. arguments.Select(a => a.Replace("MODEL", shipped, StringComparison.Ordinal))]);
        Assert.Equal((code, ""), (result.ExitCode, result.Output));
        Assert.Contains(reason, result.Errors);
        Assert.DoesNotContain("unexpected", result.Errors);
    }

    private static string Spaced(string table) => string.Join('\n', table.Split('\n').Select(line => string.Join("  ", line.Split("  ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))));

    private Task<PerkResult> Perk(params string[] arguments) => PerkProcess.RunAsync(_folder.Path, arguments, storage.ConnectionString);

    private Task<PerkResult> Shipped(params string[] arguments) => PerkProcess.RunAsync(_folder.Path, arguments, storage.ConnectionString, model: "");
}
