using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using Perk.Cli.Tests.Functions;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Infra;

/// <summary>Containers, queues and roles are called the same in code and infrastructure.</summary>
public sealed partial class NamesTests
{
    private static readonly string[] Roles = ["api", "encode", "answer"];

    [Fact]
    public async Task Storage_ContainersAndQueues_AreThoseOfTheCode()
    {
        var main = await Bicep.PredictAsync("main");
        Assert.Equal(Names.Containers.Order(), main.NamesOf("Microsoft.Storage/storageAccounts/blobServices/containers").Where(c => c != "azure-webjobs-hosts").Order());
        Assert.Equal(Names.Queues.Concat(Names.Queues.Select(Names.PoisonOf)).Order(), main.NamesOf("Microsoft.Storage/storageAccounts/queueServices/queues").Order());
    }

    [Fact]
    public async Task Events_OfUploads_GoToArrivals()
    {
        var subscription = Assert.Single((await Bicep.PredictAsync("main")).Of("Microsoft.EventGrid/systemTopics/eventSubscriptions")).GetProperty("properties");
        Assert.Equal($"/blobServices/default/containers/{Names.Uploads}/", subscription.GetProperty("filter").GetProperty("subjectBeginsWith").GetString());
        Assert.Equal(["Microsoft.Storage.BlobCreated"], subscription.GetProperty("filter").GetProperty("includedEventTypes").EnumerateArray().Select(e => e.GetString()));
        var destination = subscription.GetProperty("deliveryWithResourceIdentity").GetProperty("destination").GetProperty("properties");
        Assert.Equal((Names.ArrivalsQueue, -1), (destination.GetProperty("queueName").GetString(), destination.GetProperty("queueMessageTimeToLiveInSeconds").GetInt32()));
        Assert.Contains("dependsOn: [sender]", await File.ReadAllTextAsync(Repository.At("infra/modules/events.bicep"), TestContext.Current.CancellationToken)); // Else Event Grid may be refused.
    }

    [Fact]
    public async Task Lifecycle_WhatExpires_IsInContainersThatAreThere()
    {
        var main = await Bicep.PredictAsync("main", "PERK_ANSWER_DAYS=30");
        var rules = Assert.Single(main.Of("Microsoft.Storage/storageAccounts/managementPolicies")).GetProperty("properties").GetProperty("policy").GetProperty("rules");
        string[] prefixes = [.. rules.EnumerateArray().SelectMany(r => r.GetProperty("definition").GetProperty("filters").GetProperty("prefixMatch").EnumerateArray()).Select(p => p.GetString()!)];
        Assert.Equal([$"{Names.Answers}/", $"{Names.DeadLetters}/", $"{Names.Uploads}/"], prefixes.Order());
    }

    [Fact]
    public async Task Grants_OfEachRole_AreOnContainersAndQueuesThatAreThereAndCoverItsTriggers()
    {
        foreach (var role in Roles)
        {
            var grants = (await Bicep.PredictAsync(role)).Grants;
            string[] there = [.. Names.Containers.Select(c => $"containers/{c}"), .. Names.Queues.Concat(Names.Queues.Select(Names.PoisonOf)).Select(q => $"queues/{q}"), "storageAccounts"];
            Assert.All(grants, g => Assert.Contains(g.On, there));
            Assert.Equal(grants.Count, grants.Distinct().Count());
            Assert.All(TriggersOf(role), queue => Assert.Contains(($"queues/{queue}", AccessRules.QueueContributor), grants));
        }
    }

    [Fact]
    public void CheckOfScaleRules_QueuesOfEachRole_AreItsTriggers()
    {
        var lines = Listed().Matches(File.ReadAllText(Repository.At("infra/check.cs")));
        Assert.Equal(Roles.Order(), lines.Select(l => l.Groups["role"].Value.ToLowerInvariant()).Order());
        Assert.All(lines, l => Assert.Equal(TriggersOf(l.Groups["role"].Value.ToLowerInvariant()).Order(), l.Groups["queues"].Value.Split(',').Select(q => q.Trim(' ', '"')).Order()));
    }

    private static IEnumerable<string> TriggersOf(string role) => AppFunction.All.Where(f => f.Role == role).Select(f => f.Trigger).OfType<QueueTriggerAttribute>().Select(t => t.QueueName);

    [GeneratedRegex(@"\[""(?<role>[A-Z]+)""\] = \[(?<queues>[^\]]+)\]", RegexOptions.ExplicitCapture)]
    private static partial Regex Listed();
}
