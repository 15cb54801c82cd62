using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using Perk.Cli.Tests.Functions;
using Perk.Core.Hosting;
using Perk.Core.Jobs;

namespace Perk.Cli.Tests.Infra;

/// <summary>How each app runs: probes, port, scaling, time to stop.</summary>
public sealed partial class AppTests
{
    [Theory]
    [InlineData("api")]
    [InlineData("encode")]
    [InlineData("answer")]
    public async Task Probes_OfARole_AskItsHealthFunctionsAtTheImagesPort(string role)
    {
        var predicted = await Bicep.PredictAsync(role);
        string[] health = [.. AppFunction.All.Where(f => f.Role == "all").Select(f => f.Trigger).OfType<HttpTriggerAttribute>().Select(t => "/" + t.Route)];
        var dockerfile = await File.ReadAllTextAsync(Repository.At("Dockerfile"), TestContext.Current.CancellationToken);
        var port = int.Parse(Exposed().Match(dockerfile).Value, null);
        Assert.Contains($"ASPNETCORE_URLS=http://+:{port} ", dockerfile);
        Assert.True(port > 1024); // It runs as nobody in particular.
        var probes = predicted.Container.GetProperty("probes").EnumerateArray().ToList();
        Assert.Equal(["Liveness", "Readiness", "Startup"], probes.Select(p => p.GetProperty("type").GetString()).Order());
        Assert.All(probes, p => Assert.Contains(p.GetProperty("httpGet").GetProperty("path").GetString(), health));
        Assert.All(probes, p => Assert.Equal(port, p.GetProperty("httpGet").GetProperty("port").GetInt32()));
        Assert.Equal(port, Ingress(predicted).GetProperty("targetPort").GetInt32());
        var startup = probes.Single(p => p.GetProperty("type").GetString() == "Startup");
        Assert.True(startup.GetProperty("periodSeconds").GetInt32() * startup.GetProperty("failureThreshold").GetInt32() >= 120); // A worker has a minute to start, and the host starts before it.
    }

    [Fact]
    public async Task Scaling_OfEachRole_IsThePlatformsByItsTriggers()
    {
        foreach (var role in new[] { "api", "encode", "answer" })
        {
            var app = Assert.Single((await Bicep.PredictAsync(role)).Of("Microsoft.App/containerApps"));
            Assert.Equal("functionapp", app.GetProperty("kind").GetString());
            Assert.Equal("Single", app.GetProperty("properties").GetProperty("configuration").GetProperty("activeRevisionsMode").GetString());
            var scale = app.GetProperty("properties").GetProperty("template").GetProperty("scale");
            Assert.False(scale.TryGetProperty("rules", out _)); // The platform refuses rules of others.
            Assert.Equal((30, role == "encode" ? 60 : 300), (scale.GetProperty("pollingInterval").GetInt32(), scale.GetProperty("cooldownPeriod").GetInt32()));
            var timers = AppFunction.All.Any(f => f.Role == role && f.Trigger is TimerTriggerAttribute);
            Assert.Equal(timers ? 1 : 0, scale.GetProperty("minReplicas").GetInt32()); // Nothing wakes an app for a timer.
            Assert.Equal(role == "api", Ingress(await Bicep.PredictAsync(role)).GetProperty("external").GetBoolean());
        }
    }

    [Theory]
    [InlineData("api")]
    [InlineData("encode")]
    [InlineData("answer")]
    public async Task Identities_OfARole_AreItsOwnEverywhere(string role)
    {
        var predicted = await Bicep.PredictAsync(role);
        var app = Assert.Single(predicted.Of("Microsoft.App/containerApps"));
        var identity = Bicep.AzdEnvironment[$"PERK_{role.ToUpperInvariant()}_IDENTITY_ID"];
        Assert.Equal([identity], app.GetProperty("identity").GetProperty("userAssignedIdentities").EnumerateObject().Select(i => i.Name));
        Assert.Equal("SystemAssigned,UserAssigned", app.GetProperty("identity").GetProperty("type").GetString());
        var configuration = app.GetProperty("properties").GetProperty("configuration");
        var registry = Assert.Single(configuration.GetProperty("registries").EnumerateArray());
        Assert.Equal((Bicep.AzdEnvironment["AZURE_CONTAINER_REGISTRY_ENDPOINT"], identity), (registry.GetProperty("server").GetString(), registry.GetProperty("identity").GetString()));
        Assert.False(configuration.GetProperty("ingress").GetProperty("allowInsecure").GetBoolean());
        Assert.Equal($"client-{role}", predicted.Environment["AzureWebJobsStorage__clientId"]);
        Assert.Equal($"sthost{role}", predicted.Environment["AzureWebJobsStorage__accountName"]);
        Assert.Equal($"ClientId=client-{role};Authorization=AAD", predicted.Environment["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]);
        var template = app.GetProperty("properties").GetProperty("template");
        Assert.Equal(60, template.GetProperty("terminationGracePeriodSeconds").GetInt32()); // docs/operations.md says what is done in it.
        var main = await Bicep.PredictAsync("main");
        foreach (var name in new[] { "NAME", "IDENTITY_ID", "CLIENT_ID", "HOST_STORAGE" })
            Assert.Matches($"(ca-|id-perk-|/|^st){role}", main.Outputs[$"PERK_{role.ToUpperInvariant()}_{name}"].GetString()!);
    }

    [Theory]
    [InlineData("none", "Consumption", 2, "4Gi")]
    [InlineData("T4", "Consumption-GPU-NC8as-T4", 4, "28Gi")]
    [InlineData("A100", "Consumption-GPU-NC24-A100", 24, "220Gi")]
    public async Task Resources_ByGpu_AreThoseOfTheCostTable(string gpu, string profile, double cpu, string memory)
    {
        var resources = (await Bicep.PredictAsync("encode", $"PERK_ENCODE_GPU={gpu}")).Container.GetProperty("resources");
        Assert.Equal((cpu, memory), (resources.GetProperty("cpu").GetDouble(), resources.GetProperty("memory").GetString()));
        var profiles = Assert.Single((await Bicep.PredictAsync("main", $"PERK_ENCODE_GPU={gpu}")).Of("Microsoft.App/managedEnvironments")).GetProperty("properties").GetProperty("workloadProfiles");
        Assert.Contains(profile, profiles.EnumerateArray().Select(p => p.GetProperty("workloadProfileType").GetString()));
    }

    [Theory]
    [InlineData("api")]
    [InlineData("encode")]
    [InlineData("answer")]
    public async Task TimeLimits_OfARole_LeaveTheHostTimeToNoteThem(string role)
    {
        var values = (await Bicep.PredictAsync(role)).Environment;
        var (host, own) = (Span("AzureFunctionsJobHost__functionTimeout"), Span("Perk__Jobs__TimeLimit"));
        Assert.True(own < host);
        Assert.True(host - own >= TimeSpan.FromSeconds(30));
        Assert.InRange(Span("Perk__Jobs__Lease"), JobOptions.ShortestLease, JobOptions.LongestLease);

        TimeSpan Span(string key) => TimeSpan.Parse(values[key], null);
    }

    [Fact]
    public async Task Schedules_OfTheTimers_AreInTheRoleThatHasThem()
    {
        var values = (await Bicep.PredictAsync("api")).Environment;
        foreach (var timer in AppFunction.All.Select(f => f.Trigger).OfType<TimerTriggerAttribute>())
            Assert.True(TimerSchedule.IsOne(values[timer.Schedule!.Trim('%')]));
    }

    private static JsonElement Ingress(Prediction predicted) =>
        Assert.Single(predicted.Of("Microsoft.App/containerApps")).GetProperty("properties").GetProperty("configuration").GetProperty("ingress");

    [GeneratedRegex(@"(?<=^EXPOSE )\d+$", RegexOptions.Multiline)]
    private static partial Regex Exposed();
}
