using System.Text.Json;
using Perk.Cli.Commands;
using Perk.Cli.Serve;
using Perk.Core;
using Perk.Core.Storage;
using Perk.Core.Tensors;

namespace Perk.Cli.Tests;

/// <summary>The files at the repository's root say what the code says.</summary>
public sealed class SettingsTests
{
    private static readonly string[] Optional =
    [
        UserCache.Variable, // moves a cache that has a good place anyway
    ];

    [Fact]
    public void HostJson_QueueSettings_AreTheDefaultsOfTheLocalHost()
    {
        Assert.Equal(new QueueListenerOptions(), HostJson.Read(AtRoot("host.json")));
        using var json = JsonDocument.Parse(File.ReadAllText(AtRoot("host.json")));
        var queues = json.RootElement.GetProperty("extensions").GetProperty("queues");
        Assert.Equal(
            ["batchSize", "maxDequeueCount", "maxPollingInterval", "messageEncoding", "newBatchThreshold", "visibilityTimeout"],
            queues.EnumerateObject().Select(setting => setting.Name).Order());
    }

    [Fact]
    public void SettingsSample_HoldsEverySettingThatIsRead()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(AtRoot("local.settings.sample.json")));
        Assert.False(json.RootElement.GetProperty("IsEncrypted").GetBoolean());
        var values = json.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString());
        string[] platform = ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"];
        string[] ours = [StorageFlags.Setting, ComputeDevice.Variable, CheckpointFlags.ModelVariable];
        Assert.Equal([.. platform.Concat(ours).Order()], values.Keys.Order());
        Assert.Equal(StorageAccount.Emulator, values[StorageFlags.Setting]);

        // Whoever reads another variable meets this test: every reading names its constant.
        var read = Directory.GetFiles(AtRoot("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Count(line => line.Contains("GetEnvironmentVariable(", StringComparison.Ordinal));
        Assert.Equal(ours.Length + Optional.Length, read);
    }

    private static string AtRoot(string name)
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Perk.Serverless.sln")))
            folder = Path.GetDirectoryName(folder);
        Assert.NotNull(folder);
        return Path.Combine(folder, name);
    }
}
