using Microsoft.Extensions.Configuration;
using Perk.Core.Documents;
using Perk.Core.Models;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Settings;

public sealed class HostSettingsTests
{
    /// <summary>The key that Azurite and its documentation know; no secret.</summary>
    private const string Connection = "DefaultEndpointsProtocol=https;AccountName=abc;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq==;EndpointSuffix=core.windows.net";

    [Fact]
    public void Read_Nothing_IsTheStandard()
    {
        var settings = Read([]);
        Assert.Equal(new HostSettings(), settings);
        Assert.Equal(StorageAccount.Emulator, settings.Storage.ConnectionString);
    }

    [Fact]
    public void Read_Everything_IsBound()
    {
        using var folder = new TemporaryFolder();
        var settings = Read(new()
        {
            ["PerkStorage"] = Connection,
            ["Perk:Model"] = folder.Path,
            ["Perk:Checkpoint"] = folder.Path,
            ["Perk:Device"] = "CPU",
            ["Perk:ComputeType"] = "bfloat16",
            ["Perk:MaxMemoryMiB"] = "512",
            ["Perk:SegmentTokens"] = "64",
            ["Perk:SegmentUnit"] = "Line",
            ["Perk:Jobs:Lease"] = "00:00:20",
            ["Perk:Jobs:StaleAfter"] = "00:01:00",
            ["Perk:Jobs:ResendAfter"] = "2.00:00:00",
            ["PerkSweepSchedule"] = "*/30 * * * * *",
            ["Perk:Questions:Wait"] = "00:00:01",
            ["Perk:Questions:AdapterCacheMiB"] = "1",
            ["Perk:Telemetry"] = "otlp",
        });
        Assert.Equal(Connection, settings.Storage.ConnectionString);
        Assert.Equal(
            new ModelSettings
            {
                Folder = folder.Path, Checkpoint = folder.Path, Device = "cpu", ComputeType = ComputeType.BFloat16, MaxMemoryMiB = 512, SegmentTokens = 64,
                SegmentUnit = SegmentUnit.Line,
            },
            settings.Model);
        Assert.Equal((20.0, 60.0, 2.0), (settings.Jobs.Lease.TotalSeconds, settings.Jobs.StaleAfter.TotalSeconds, settings.Jobs.ResendAfter.TotalDays));
        Assert.Equal(("*/30 * * * * *", 1.0), (settings.SweepSchedule, settings.QuestionWait.TotalSeconds));
        Assert.Equal((1L << 20, TelemetryExporter.Otlp), (settings.AdapterCacheBytes, settings.Telemetry));
    }

    [Fact]
    public void Read_CheckpointThatIsAnId_IsOneOfTheStore()
    {
        var id = new string('a', 64);
        var model = Read(new() { ["Perk:Checkpoint"] = id }).Model;
        Assert.Equal((id, null), (model.CheckpointId, model.Checkpoint));
        using var folder = new TemporaryFolder();
        var e = Assert.Throws<SettingsException>(() => Read(new() { ["Perk:Checkpoint"] = id, ["Perk:Model"] = folder.Path }));
        Assert.StartsWith("Perk__Model", Assert.Single(e.Faults));
    }

    [Fact]
    public void RequireAccess_NeitherKeysNorTokens_IsRefused()
    {
        var e = Assert.Throws<SettingsException>(() => new HttpSettings().RequireAccess(keys: false));
        Assert.StartsWith("Perk__Http__Tenant", Assert.Single(e.Faults));
        new HttpSettings().RequireAccess(keys: true);
        new HttpSettings { Tenant = "t", Audience = "a" }.RequireAccess(keys: false);
    }

    [Fact]
    public void Read_SchedulesTokensAndLimits_AreBoundOrNamed()
    {
        var settings = Read(new()
        {
            ["PerkEvaluationSchedule"] = "0 0 3 * * *", ["Perk:Evaluation:Suite"] = "weekly", ["Perk:Jobs:TimeLimit"] = "00:55:00",
            ["Perk:Http:Tenant"] = "72f988bf-86f1-41af-91ab-2d7cd011db47", ["Perk:Http:Audience"] = "api://perk",
        });
        Assert.Equal(("0 0 3 * * *", "weekly", 55.0, true), (settings.EvaluationSchedule, settings.EvaluationSuite, settings.Jobs.TimeLimit!.Value.TotalMinutes, settings.Http.RequiresToken));
        var e = Assert.Throws<SettingsException>(() => Read(new()
        {
            ["PerkSweepSchedule"] = "*/5 * * * *", ["PerkEvaluationSchedule"] = "nightly", ["Perk:Jobs:TimeLimit"] = "0", ["Perk:Http:Tenant"] = "contoso",
        }));
        Assert.Equal(["Perk__Jobs__TimeLimit", "PerkSweepSchedule", "PerkEvaluationSchedule", "Perk__Http__Audience", "Perk__Http__Tenant"], e.Faults.Select(f => f.Split(' ')[0]));
    }

    [Fact]
    public void Read_SeveralFaults_AreToldAtOnceEachWithItsKey()
    {
        var e = Assert.Throws<SettingsException>(() => Read(new()
        {
            ["PerkStorage"] = "AccountKey=c2VjcmV0",
            ["Perk:Model"] = "no/such/folder",
            ["Perk:Device"] = "tpu",
            ["Perk:ComputeType"] = "Float8",
            ["Perk:MaxMemoryMiB"] = "lots",
            ["Perk:Jobs:Lease"] = "00:05:00",
            ["Perk:Jobs:StaleAfter"] = "15 minutes",
            ["Perk:Questions:AdapterCacheMiB"] = "-1",
            ["Perk:Telemetry"] = "syslog",
            ["Perk:Jobs:Leese"] = "00:00:20",
        }));
        string[] keys =
        [
            "PerkStorage", "Perk__Device", "Perk__Model", "Perk__ComputeType", "Perk__MaxMemoryMiB", "Perk__Jobs__Lease", "Perk__Jobs__StaleAfter",
            "Perk__Questions__AdapterCacheMiB", "Perk__Telemetry", "Perk__Jobs__Leese",
        ];
        Assert.Equal(keys, e.Faults.Select(f => f.Split(' ')[0]));
        Assert.All(keys, key => Assert.Contains(key, e.Message));
        Assert.StartsWith("10 settings cannot be used", e.Message);
        Assert.Contains("from 00:00:15 to 00:01:00", e.Message);
        Assert.Contains("is unknown; there are", e.Message);
        Assert.DoesNotContain("c2VjcmV0", e.Message); // A key that was set in the wrong form is a key still.
    }

    [Fact]
    public void Read_AccountName_IsTheAccountByIdentity()
    {
        var storage = Read(new() { ["PerkStorage:accountName"] = "contoso1", ["PerkStorage:credential"] = "managedidentity", ["PerkStorage:clientId"] = "abc" }).Storage;
        Assert.Null(storage.ConnectionString);
        Assert.Equal((true, "abc"), (storage.ManagedIdentity, storage.ClientId));
        var account = StorageAccount.From(storage);
        Assert.Equal("https://contoso1.blob.core.windows.net/", account.Blobs.Uri.ToString());
        Assert.Equal("https://contoso1.queue.core.windows.net/", account.Queues.Uri.ToString());
    }

    [Fact]
    public void Read_Addresses_AreThoseOfOtherClouds()
    {
        var storage = Read(new()
        {
            ["PerkStorage:blobServiceUri"] = "https://c.blob.core.chinacloudapi.cn", ["PerkStorage:queueServiceUri"] = "https://c.queue.core.chinacloudapi.cn",
        }).Storage;
        Assert.Equal("https://c.queue.core.chinacloudapi.cn/", StorageAccount.From(storage).Queues.Uri.ToString());
        Assert.False(storage.ManagedIdentity);
    }

    [Theory]
    [InlineData("PerkStorage__accountName", "is no storage account's name", "PerkStorage:accountName", "Contoso")]
    [InlineData("PerkStorage__queueServiceUri", "is missing", "PerkStorage:blobServiceUri", "https://a.blob.core.windows.net")]
    [InlineData("PerkStorage__blobServiceUri", "must be an https address", "PerkStorage:blobServiceUri", "a.blob.core.windows.net")]
    [InlineData("PerkStorage__accountName", "is missing", "PerkStorage:clientId", "abc")]
    [InlineData("PerkStorage__acountName", "is unknown", "PerkStorage:acountName", "contoso")]
    [InlineData("PerkStorage__credential", "must be managedidentity", "PerkStorage:credential", "secret")]
    public void Read_BadIdentity_IsRefused(string key, string what, string setting, string value)
    {
        var e = Assert.Throws<SettingsException>(() => Read(new() { [setting] = value }));
        Assert.Contains(e.Faults, fault => fault.StartsWith(key + " ", StringComparison.Ordinal) && fault.Contains(what, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", e.Message);
    }

    [Fact]
    public void Read_ConnectionStringAndIdentity_IsRefused()
    {
        var e = Assert.Throws<SettingsException>(() => Read(new() { ["PerkStorage"] = Connection, ["PerkStorage:accountName"] = "abc" }));
        Assert.Equal("The setting PerkStorage is set, and an account for an identity too; leave one of them out.", e.Message);
    }

    [Fact]
    public void ToString_OfStorage_ShowsNoKey() =>
        Assert.DoesNotContain("Eby8", Read(new() { ["PerkStorage"] = Connection }).ToString());

    private static HostSettings Read(Dictionary<string, string?> values) => HostSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
}
