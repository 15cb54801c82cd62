// dotnet run infra/check-scale-rules.cs: whether the platform has made a scale rule for every queue that an app has a trigger on.
// azd deploy runs it last; the Azure CLI must be signed in. Exit codes: 0 all are there, 1 some are missing, 2 it was called without azd's environment.
#:property PublishAot=false

using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

var queues = new Dictionary<string, string[]>(StringComparer.Ordinal)
{
    ["API"] = ["arrivals", "encode-poison", "questions-poison", "evaluate-poison", "arrivals-poison"],
    ["ENCODE"] = ["encode", "evaluate"],
    ["ANSWER"] = ["questions"],
};

// The host tells the platform of its triggers when it has started: minutes after the deployment.
var patience = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("PERK_SCALE_RULES_PATIENCE") ?? "300", CultureInfo.InvariantCulture));
var group = Environment.GetEnvironmentVariable("AZURE_RESOURCE_GROUP");
var apps = queues.Keys.ToDictionary(role => role, role => Environment.GetEnvironmentVariable($"PERK_{role}_NAME"), StringComparer.Ordinal);
if (group is null || apps.Values.Any(app => app is null))
{
    await Console.Error.WriteLineAsync("AZURE_RESOURCE_GROUP and PERK_API_NAME, PERK_ENCODE_NAME, PERK_ANSWER_NAME must be set; azd hooks run postdeploy sets them.");
    return 2;
}

var clock = Stopwatch.StartNew();
while (true)
{
    var missing = new List<string>();
    foreach (var (role, app) in apps)
    {
        if (await RulesAsync(group, app!) is not { } rules) return 1;
        var named = Strings(rules).ToHashSet(StringComparer.Ordinal);
        missing.AddRange(queues[role].Where(queue => !named.Contains(queue)).Select(queue => $"{app}: {queue}"));
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

    await Console.Error.WriteLineAsync($"Without a scale rule, so that nothing wakes the app when a message comes:\n  {string.Join("\n  ", missing)}\n"
        + "Restart its revision (az containerapp revision restart) and run this again; docs/operations.md, Known platform faults, has the rest.");
    return 1;
}

static async Task<JsonNode?> RulesAsync(string group, string app)
{
    var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "az.cmd" : "az")
    {
        ArgumentList = { "containerapp", "show", "--resource-group", group, "--name", app, "--query", "properties.template.scale.rules || `[]`", "--output", "json" },
        RedirectStandardOutput = true,
        UseShellExecute = false,
    };
    using var az = Process.Start(start)!;
    var text = await az.StandardOutput.ReadToEndAsync();
    await az.WaitForExitAsync();
    if (az.ExitCode == 0) return JsonNode.Parse(text);
    await Console.Error.WriteLineAsync($"az containerapp show failed for {app}: see above. Sign in with az login, and look whether the app is there.");
    return null;
}

static IEnumerable<string> Strings(JsonNode? node) => node switch
{
    JsonObject o => o.SelectMany(p => Strings(p.Value)),
    JsonArray a => a.SelectMany(Strings),
    JsonValue v when v.TryGetValue<string>(out var text) => [text],
    _ => [],
};
