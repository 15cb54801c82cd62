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
        Assert.Equal(new QueueListenerOptions(), HostJson.Read(Repository.At("host.json")));
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.At("host.json")));
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
        var read = Directory.GetFiles(Repository.At("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines)
            .Count(line => line.Contains("GetEnvironmentVariable(", StringComparison.Ordinal));
        Assert.Equal(PastTheSettings.Length, read);
    }

    [Fact]
    public void SettingsSample_AsItIs_MeansTheStandard()
    {
        var values = Sample().Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), v.Value));
        var settings = HostSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
        var standard = new HostSettings();
        Assert.Equal(
            standard with
            {
                Model = new ModelSettings { Device = "auto" },
                EvaluationSchedule = "0 0 3 * * *", // A timer of the Functions host needs one; the local host has none unless told.
                Jobs = standard.Jobs with { TimeLimit = TimeSpan.FromMinutes(55) }, // The Functions host kills a worker at its functionTimeout; nothing kills the local host.
            },
            settings);
    }

    [Theory]
    [InlineData("api")]
    [InlineData("encode")]
    [InlineData("answer")]
    public void Roles_SettingsOfEach_KeepTheirTriesBelowTheHostsLimitAndAreInTheTable(string role)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.At($"src/Perk.Functions/roles/{role}.json")));
        var values = json.RootElement.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString()!);
        string[] keys = ["AzureFunctionsJobHost__extensions__queues__batchSize", "AzureFunctionsJobHost__extensions__queues__newBatchThreshold", "AzureFunctionsJobHost__functionTimeout", "Perk__Jobs__TimeLimit"];
        string[] timers = role == "api" ? [HostSettings.SweepKey, HostSettings.EvaluationKey] : []; // The host looks these up itself: no standard of ours holds there.
        Assert.Equal(keys.Concat(timers).Order(), values.Keys.Order());
        Assert.True(TimeSpan.Parse(values[keys[3]], null) < TimeSpan.Parse(values[keys[2]], null));
        Assert.Contains($"| {role} | {string.Join(" | ", keys.Select(k => $"`{values[k]}`"))} |", File.ReadAllText(Repository.At("docs/functions.md")));
    }

    [Fact]
    public void SettingsSample_TimeLimitOfATry_IsBelowHostJsonsTimeout()
    {
        using var host = JsonDocument.Parse(File.ReadAllText(Repository.At("host.json")));
        Assert.True(TimeSpan.Parse(Sample()["Perk__Jobs__TimeLimit"]!, null) < TimeSpan.Parse(host.RootElement.GetProperty("functionTimeout").GetString()!, null));
        Assert.Equal("", host.RootElement.GetProperty("extensions").GetProperty("http").GetProperty("routePrefix").GetString()); // Addresses in replies begin at the root.
    }

    private static Dictionary<string, string?> Sample()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.At("local.settings.sample.json")));
        Assert.False(json.RootElement.GetProperty("IsEncrypted").GetBoolean());
        return json.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString());
    }
}
