// What azd cannot see, asked of the Azure CLI (signed in); azure.yaml has azd call it.
//   dotnet run infra/check.cs region        before provisioning: whether the region has the GPUs asked for
//   dotnet run infra/check.cs scale-rules   after a deployment: whether the platform has made a scale rule for each queue that an app has a trigger on
// Exit codes: 0 as it should be, 1 not, 2 called without azd's environment.
#:property PublishAot=false

using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

return args is ["region"] ? await RegionAsync() : args is ["scale-rules"] ? await ScaleRulesAsync() : await UsageAsync("usage: dotnet run infra/check.cs region | scale-rules");

static async Task<int> RegionAsync()
{
    if (Variable("AZURE_LOCATION") is not { } location) return await UsageAsync("AZURE_LOCATION must be set; azd sets it.");
    var wanted = new[] { Variable("PERK_ENCODE_GPU") ?? "T4", Variable("PERK_ANSWER_GPU") ?? "none" }.Where(gpu => gpu != "none").Distinct(StringComparer.Ordinal).ToList();
    if (wanted.Count == 0) return 0;
    if (await AzAsync("containerapp", "env", "workload-profile", "list-supported", "--location", location, "--query", "[].name") is not JsonArray names) return 1;
    var there = names.Select(n => n?.GetValue<string>() ?? "").ToList();
    var missing = wanted.Where(gpu => !there.Exists(name => name.StartsWith("Consumption-GPU", StringComparison.Ordinal) && name.EndsWith(gpu, StringComparison.Ordinal))).ToList();
    if (missing.Count == 0) return 0;
    await Console.Error.WriteLineAsync($"{location} has no {string.Join(" and no ", missing)}. Take another region (azd env set AZURE_LOCATION; swedencentral and eastus have had both), or processors: azd env set PERK_ENCODE_GPU none.");
    return 1;
}

static async Task<int> ScaleRulesAsync()
{
    var queues = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["API"] = ["arrivals", "encode-poison", "questions-poison", "evaluate-poison", "arrivals-poison"],
        ["ENCODE"] = ["encode", "evaluate"],
        ["ANSWER"] = ["questions"],
    };
    if (Variable("AZURE_RESOURCE_GROUP") is not { } group || queues.Keys.Any(role => Variable($"PERK_{role}_NAME") is null))
        return await UsageAsync("AZURE_RESOURCE_GROUP and PERK_API_NAME, PERK_ENCODE_NAME, PERK_ANSWER_NAME must be set; azd hooks run postdeploy sets them.");

    // The host tells the platform of its triggers when it has started: minutes after the deployment.
    var patience = TimeSpan.FromSeconds(int.Parse(Variable("PERK_SCALE_RULES_PATIENCE") ?? "300", CultureInfo.InvariantCulture));
    var clock = Stopwatch.StartNew();
    while (true)
    {
        var missing = new List<(string Role, string Says)>();
        foreach (var (role, expected) in queues)
        {
            var app = Variable($"PERK_{role}_NAME")!;
            if (await AzAsync("containerapp", "list", "--resource-group", group, "--query", $"[?name=='{app}'].{{rules: properties.template.scale.rules}}") is not JsonArray found) return 1;
            if (found.Count == 0) continue; // It was not deployed yet: azd deploy of one service.
            var named = Queues(found).ToHashSet(StringComparer.Ordinal);
            missing.AddRange(expected.Where(queue => !named.Contains(queue)).Select(queue => (role, $"{app}: {queue}")));
        }

        if (missing.Count == 0)
        {
            Console.WriteLine("Every queue has a scale rule.");
            return 0;
        }

        if (clock.Elapsed < patience)
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(15, patience.TotalSeconds)));
            continue;
        }

        await Console.Error.WriteLineAsync($"Without a scale rule:\n  {string.Join("\n  ", missing.Select(m => m.Says))}\n"
            + "An app that is scaled to zero is not woken by such a queue (the api always has a replica and works all the same). Delete the blob synctriggers/{host id}/last in azure-webjobs-hosts of the role's "
            + "host account (PERK_API_HOST_STORAGE and so on), restart the app's revision (az containerapp revision restart) and run this again; docs/operations.md, Known platform faults, has the rest.");
        return missing.Exists(m => m.Role != "API") ? 1 : 0;
    }
}

static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

static async Task<int> UsageAsync(string says)
{
    await Console.Error.WriteLineAsync(says);
    return 2;
}

// Runs the Azure CLI in azd's subscription; null where it failed, which has been told.
static async Task<JsonNode?> AzAsync(params string[] arguments)
{
    string[] subscription = Variable("AZURE_SUBSCRIPTION_ID") is { } id ? ["--subscription", id] : [];
    var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "az.cmd" : "az") { RedirectStandardOutput = true, UseShellExecute = false };
    foreach (var argument in arguments.Concat(subscription).Concat(["--output", "json"])) start.ArgumentList.Add(argument);
    try
    {
        using var az = Process.Start(start)!;
        var text = await az.StandardOutput.ReadToEndAsync();
        await az.WaitForExitAsync();
        if (az.ExitCode == 0) return JsonNode.Parse(text);
        await Console.Error.WriteLineAsync($"az {string.Join(' ', arguments.Take(4))} failed, see above. Sign in with az login.");
    }
    catch (Win32Exception)
    {
        await Console.Error.WriteLineAsync("There is no az: install the Azure CLI.");
    }

    return null;
}

static IEnumerable<string> Queues(JsonNode? node) => node switch
{
    JsonObject o => o.SelectMany(p => p.Key == "queueName" ? [p.Value!.GetValue<string>()] : Queues(p.Value)),
    JsonArray a => a.SelectMany(Queues),
    _ => [],
};
