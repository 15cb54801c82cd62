using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Perk.Cli.Serve;
using Perk.Core;
using Perk.Core.Settings;
using Perk.Core.Storage;
using Perk.Core.Tensors;

namespace Perk.Cli.Tests;

/// <summary>The files at the repository's root say what the code says.</summary>
public sealed class SettingsTests
{
    private static readonly string[] PastTheSettings =
    [
        ComputeDevice.Variable, // for what computes without a host
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
    public void SettingsSample_HoldsEverySettingThatIsReadAndNoOther()
    {
        var values = Sample();
        string[] platform = ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"];
        Assert.Equal(platform.Concat(HostSettings.Keys).Order(), values.Keys.Order());

        // Whoever reads a variable past the settings meets this test.
        var read = Directory.GetFiles(AtRoot("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Count(line => line.Contains("GetEnvironmentVariable(", StringComparison.Ordinal));
        Assert.Equal(PastTheSettings.Length, read);
    }

    [Fact]
    public void SettingsSample_AsItIs_MeansTheStandard()
    {
        var values = Sample().Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), v.Value));
        var settings = HostSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        Assert.Equal(new HostSettings { Model = new ModelSettings { Device = "auto" } }, settings);
    }

    private static Dictionary<string, string?> Sample()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(AtRoot("local.settings.sample.json")));
        Assert.False(json.RootElement.GetProperty("IsEncrypted").GetBoolean());
        return json.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString());
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
