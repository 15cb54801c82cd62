using System.Text.RegularExpressions;

namespace Perk.Cli.Tests.Infra;

/// <summary>The roles that identities have are those that docs/security.md says, by the ids that Azure documents; and nothing has a key.</summary>
public sealed partial class RolesTests
{
    private static readonly string Security = File.ReadAllText(Repository.At("docs/security.md"));

    /// <summary>Azure's built-in roles, from its documentation.</summary>
    private static readonly Dictionary<string, string> Documented = new(StringComparer.Ordinal)
    {
        ["AcrPull"] = "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        ["Monitoring Metrics Publisher"] = "3913510d-42f4-4e42-8a64-420c390055eb",
        ["Storage Blob Data Contributor"] = AccessRules.BlobContributor,
        ["Storage Blob Data Owner"] = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        ["Storage Blob Data Reader"] = AccessRules.BlobReader,
        ["Storage Blob Delegator"] = AccessRules.BlobDelegator,
        ["Storage Queue Data Contributor"] = AccessRules.QueueContributor,
        ["Storage Queue Data Message Sender"] = AccessRules.QueueSender,
        ["Storage Queue Data Reader"] = AccessRules.QueueReader,
    };

    [Fact]
    public void Roles_InTheTable_AreThoseOfTheInfrastructureByTheirDocumentedIds()
    {
        var table = RoleRow().Matches(Security).ToDictionary(m => m.Groups["name"].Value, m => (Role: m.Groups["role"].Value, Id: m.Groups["id"].Value), StringComparer.Ordinal);
        Assert.Equal(Documented.OrderBy(d => d.Key).Select(d => (d.Key, d.Value)), table.Values.OrderBy(v => v.Role, StringComparer.Ordinal));
        Assert.Equal(Of(table.ToDictionary(t => t.Key, t => t.Value.Id)), Of(Defined().Matches(File.ReadAllText(Repository.At("infra/modules/roles.bicep"))).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["id"].Value)));

        static IEnumerable<(string, string)> Of(Dictionary<string, string> ids) => ids.OrderBy(i => i.Key, StringComparer.Ordinal).Select(i => (i.Key, i.Value));
    }

    [Fact]
    public async Task Access_InTheTable_IsWhatEachIdentityIsGiven()
    {
        var names = Defined().Matches(await File.ReadAllTextAsync(Repository.At("infra/modules/roles.bicep"), TestContext.Current.CancellationToken)).ToDictionary(m => m.Groups["id"].Value, m => m.Groups["name"].Value, StringComparer.Ordinal);
        var given = new List<(string Who, string On, string Role)>();
        foreach (var role in new[] { "api", "encode", "answer" }) given.AddRange((await Bicep.PredictAsync(role)).Grants.Select(g => (role, g.On, names[g.Role])));
        var main = await Bicep.PredictAsync("main");
        string operators = main.Of("Microsoft.Authorization/roleAssignments").Select(a => a.GetProperty("properties").GetProperty("principalId").GetString()!).First(p => p == Bicep.AzdEnvironment["AZURE_PRINCIPAL_ID"]);
        given.AddRange(main.Of("Microsoft.Authorization/roleAssignments").Zip(main.Grants).Where(a => a.First.GetProperty("properties").GetProperty("principalId").GetString() == operators).Select(a => ("operator", a.Second.On, names[a.Second.Role])));

        var table = AccessRow().Matches(Security).SelectMany(m => new[] { "api", "encode", "answer", "operator" }
            .SelectMany(who => m.Groups[who].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(role => (who, m.Groups["on"].Value switch
            {
                "the account" => "storageAccounts",
                var on => $"{on.Split(' ')[0]}s/{on.Split('`')[1]}",
            }, role))));
        Assert.Equal(given.Distinct().Order(), table.Order()); // Three hosts have a container of the same name.
    }

    [Fact]
    public async Task Assignments_OfTheRest_AreThoseThatAreTold()
    {
        var main = await Bicep.PredictAsync("main", "AZURE_PRINCIPAL_ID=");
        Assert.Equal(
            [
                ("queues/arrivals", "Storage Queue Data Message Sender"), // Event Grid
                .. Enumerable.Repeat(("components", "Monitoring Metrics Publisher"), 3), .. Enumerable.Repeat(("registries", "AcrPull"), 3), .. Enumerable.Repeat(("storageAccounts", "Storage Blob Data Owner"), 3),
            ],
            main.Grants.Select(g => (g.On, Documented.Single(d => d.Value == g.Role).Key)).OrderBy(g => g.On == "queues/arrivals" ? "" : g.On, StringComparer.Ordinal));
        var owners = main.Of("Microsoft.Authorization/roleAssignments").Where(a => a.GetProperty("properties").GetProperty("roleDefinitionId").GetString()!.EndsWith(Documented["Storage Blob Data Owner"], StringComparison.Ordinal)).Select(a => a.GetRawText()).ToList();
        foreach (var role in new[] { "api", "encode", "answer" }) // Each owns its own host's account, and nothing else.
            Assert.Single(owners, o => o.Contains($"/storageAccounts/st{role}", StringComparison.Ordinal) && o.Contains($"/id-perk-{role}-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_AreNowhere()
    {
        foreach (var set in new string[][] { [], ["PERK_PRIVATE_NETWORK=true"] })
        {
            var main = await Bicep.PredictAsync("main", set);
            Assert.All(main.Of("Microsoft.Storage/storageAccounts"), a => Assert.False(a.GetProperty("properties").GetProperty("allowSharedKeyAccess").GetBoolean()));
            Assert.Equal(4, main.Of("Microsoft.Storage/storageAccounts").Count);
            foreach (var account in main.Of("Microsoft.Storage/storageAccounts").Select(a => a.GetProperty("properties")))
            {
                Assert.Equal(set.Length > 0 ? "Deny" : "Allow", account.GetProperty("networkAcls").GetProperty("defaultAction").GetString());
                Assert.False(account.GetProperty("allowBlobPublicAccess").GetBoolean());
                Assert.Equal("TLS1_2", account.GetProperty("minimumTlsVersion").GetString());
            }

            Assert.All(main.Of("Microsoft.Storage/storageAccounts/blobServices/containers").Where(c => c.TryGetProperty("properties", out _)), c => Assert.Equal("None", c.GetProperty("properties").GetProperty("publicAccess").GetString()));
            Assert.True(Assert.Single(main.Of("Microsoft.OperationalInsights/workspaces")).GetProperty("properties").GetProperty("features").GetProperty("disableLocalAuth").GetBoolean());
            var blobs = Assert.Single(main.Of("Microsoft.Storage/storageAccounts/blobServices"), b => b.TryGetProperty("properties", out _)).GetProperty("properties");
            foreach (var retention in new[] { "deleteRetentionPolicy", "containerDeleteRetentionPolicy" })
                Assert.Equal((true, 7), (blobs.GetProperty(retention).GetProperty("enabled").GetBoolean(), blobs.GetProperty(retention).GetProperty("days").GetInt32()));
            Assert.False(Assert.Single(main.Of("Microsoft.Storage/storageAccounts/blobServices"), b => b.TryGetProperty("properties", out _)).GetProperty("properties").GetProperty("isVersioningEnabled").GetBoolean());
            Assert.False(Assert.Single(main.Of("Microsoft.ContainerRegistry/registries")).GetProperty("properties").GetProperty("adminUserEnabled").GetBoolean());
            Assert.True(Assert.Single(main.Of("Microsoft.Insights/components")).GetProperty("properties").GetProperty("DisableLocalAuth").GetBoolean());
            Assert.Equal("azure-monitor", Assert.Single(main.Of("Microsoft.App/managedEnvironments")).GetProperty("properties").GetProperty("appLogsConfiguration").GetProperty("destination").GetString());
            Assert.Equal(set.Length > 0 ? 6 : 0, main.Of("Microsoft.Network/privateEndpoints").Count);
        }

        string[] files = [.. Directory.GetFiles(Repository.At("infra"), "*", SearchOption.AllDirectories), Repository.At("Dockerfile"), Repository.At("azure.yaml"), .. Directory.GetFiles(Repository.At(".github/workflows")), .. Directory.GetFiles(Repository.At("src/Perk.Functions/roles")), Repository.At("local.settings.sample.json")];
        Assert.All(files, f => Assert.DoesNotMatch(Key(), File.ReadAllText(f)));
        Assert.Matches(Key(), "AccountKey=abc"); // It finds one where there is one.
    }

    [GeneratedRegex(@"^\| (?<name>[a-zA-Z]+) \| (?<role>[A-Za-z ]+) \| `(?<id>[0-9a-f-]{36})` \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex RoleRow();

    [GeneratedRegex(@"^\| (?<on>(container|queue) `[a-z-]+`|the account) \|(?<api>[^|]*)\|(?<encode>[^|]*)\|(?<answer>[^|]*)\|(?<operator>[^|]*)\|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex AccessRow();

    [GeneratedRegex("^  (?<name>[a-zA-Z]+): '(?<id>[0-9a-f-]{36})'$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Defined();

    [GeneratedRegex(@"AccountKey=|SharedAccessSignature|listKeys|listCredentials|listAccountSas|sharedKey:|secretRef|passwordSecretRef|[A-Za-z0-9+/]{60,}==", RegexOptions.IgnoreCase)]
    private static partial Regex Key();
}
