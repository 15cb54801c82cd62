using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Perk.Core.Settings;
using Perk.Core.Models;

namespace Perk.Cli.Tests.Infra;

/// <summary>The settings of each role's app are those that the code and the host read, and no others.</summary>
public sealed class AppSettingsTests
{
    /// <summary>The Functions host's and the exporters' own.</summary>
    private static readonly string[] NotOurs =
    [
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING", "AzureFunctionsJobHost__extensions__queues__batchSize",
        "AzureFunctionsJobHost__extensions__queues__newBatchThreshold", "AzureFunctionsJobHost__functionTimeout", "AzureFunctionsWebHost__hostid", "AzureWebJobsDisableHomepage",
        "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__credential", "FUNCTIONS_WORKER_RUNTIME",
    ];

    /// <summary>Settings that have no value in Azure, and why.</summary>
    private static readonly string[] Empty =
    [
        "PerkStorage", "PerkStorage__clientId", "PerkStorage__credential", // a connection string and another's identity: the app's own is what there is
        "PerkStorage__blobServiceUri", "PerkStorage__queueServiceUri", // follow from the account's name
        "Perk__Model", // the image sets it where a model is baked in
        "Perk__Checkpoint", "Perk__MaxMemoryMiB", "Perk__SegmentTokens", "Perk__SegmentUnit", // none unless PERK_CHECKPOINT or PERK_SETTINGS says so
        "Perk__Http__Tenant", "Perk__Http__Audience", "Perk__Http__Role",
    ];

    [Theory]
    [InlineData("api")]
    [InlineData("encode")]
    [InlineData("answer")]
    public async Task Settings_OfARole_AreThoseThatAreReadAndAreGood(string role)
    {
        var values = (await Bicep.PredictAsync(role)).Environment;
        Assert.Equal(HostSettings.Keys.Concat(NotOurs).Except(Empty).Order(), values.Keys.Order());
        var settings = Read(values); // It refuses unknown keys.
        Assert.Equal((null, null), (settings.Storage.ConnectionString, settings.Storage.ClientId));
        Assert.Equal($"https://{Bicep.AzdEnvironment["PERK_STORAGE_ACCOUNT"]}.blob.core.windows.net/", settings.Storage.Blobs!.AbsoluteUri);
        Assert.Equal(TelemetryExporter.AzureMonitor, settings.Telemetry);
        foreach (var (key, value) in OfFile($"src/Perk.Functions/roles/{role}.json")) Assert.Equal(value, values[key]);
    }

    [Fact]
    public async Task Settings_SetByPeople_StandInPlaceOfTheStandard()
    {
        var values = (await Bicep.PredictAsync("encode", "PERK_CHECKPOINT=" + new string('1', 64), "PERK_SETTINGS={\"Perk__MaxMemoryMiB\":\"4096\",\"Perk__Jobs__TimeLimit\":\"00:40:00\"}")).Environment;
        var settings = Read(values);
        Assert.Equal((new string('1', 64), 4096, TimeSpan.FromMinutes(40)), (settings.Model.CheckpointId, settings.Model.MaxMemoryMiB, settings.Jobs.TimeLimit));
    }

    [Fact]
    public async Task Settings_ByHostId_AreNewWithEachImageWhereTheAppScalesToZero()
    {
        foreach (var (role, again) in new[] { ("api", true), ("encode", false), ("answer", false) })
        {
            var (one, two) = (await IdAsync(role), await IdAsync(role, $"SERVICE_{role.ToUpperInvariant()}_IMAGE_NAME=crtest.azurecr.io/perk/{role}:2"));
            Assert.Equal(again, one == two);
            Assert.All([one, two], id => Assert.Matches("^[a-z0-9-]{1,32}$", id));
        }

        static async Task<string> IdAsync(string role, params string[] set) => (await Bicep.PredictAsync(role, set)).Environment["AzureFunctionsWebHost__hostid"];
    }

    [Theory]
    [InlineData("T4", "none", "cuda", "cpu", ComputeType.Float32)]
    [InlineData("A100", "none", "cuda", "cpu", ComputeType.BFloat16)]
    [InlineData("A100", "T4", "cuda", "cuda", ComputeType.Float32)]
    [InlineData("none", "none", "cpu", "cpu", ComputeType.Float32)]
    public async Task Gpu_ByParameter_DecidesProfileDeviceAndComputeType(string encode, string answer, string encodesOn, string answersOn, ComputeType computes)
    {
        string[] set = [$"PERK_ENCODE_GPU={encode}", $"PERK_ANSWER_GPU={answer}"];
        var main = await Bicep.PredictAsync("main", set);
        Assert.Equal($"{computes}", main.Outputs["PERK_COMPUTE_TYPE"].GetString());
        var profiles = Assert.Single(main.Of("Microsoft.App/managedEnvironments")).GetProperty("properties").GetProperty("workloadProfiles").EnumerateArray().Select(p => p.GetProperty("name").GetString()).ToList();
        Assert.Equal(profiles.Distinct(), profiles);
        foreach (var (role, device) in new[] { ("api", "cpu"), ("encode", encodesOn), ("answer", answersOn) })
        {
            var predicted = await Bicep.PredictAsync(role, [.. set, $"PERK_COMPUTE_TYPE={computes}"]);
            var settings = Read(predicted.Environment);
            Assert.Equal((device, (ComputeType?)computes), (settings.Model.Device, settings.Model.ComputeType));
            Assert.Contains(Assert.Single(predicted.Of("Microsoft.App/containerApps")).GetProperty("properties").GetProperty("workloadProfileName").GetString(), profiles);
        }
    }

    private static HostSettings Read(IReadOnlyDictionary<string, string> values) =>
        HostSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => KeyValuePair.Create(v.Key.Replace("__", ":", StringComparison.Ordinal), (string?)v.Value))).Build());

    private static Dictionary<string, string> OfFile(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.At(file)));
        return json.RootElement.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString()!, StringComparer.Ordinal);
    }
}
