using System.Text.Json;

namespace Perk.Cli.Tests.Infra;

/// <summary>The resources that a deployment asks for.</summary>
/// <param name="Resources">Each as JSON.</param>
/// <param name="Outputs">The deployment's outputs, by name.</param>
/// <param name="Faults">What the compiler says against it.</param>
internal sealed record Prediction(IReadOnlyList<JsonElement> Resources, IReadOnlyDictionary<string, JsonElement> Outputs, int Faults)
{
    /// <summary>Reads a snapshot.</summary>
    public static Prediction Parse(string text)
    {
        var root = JsonDocument.Parse(text).RootElement;
        return new Prediction(
            [.. root.GetProperty("predictedResources").EnumerateArray()],
            root.GetProperty("outputs").EnumerateObject().ToDictionary(o => o.Name, o => o.Value, StringComparer.Ordinal),
            root.GetProperty("diagnostics").GetArrayLength());
    }

    /// <summary>Those of a type, as <c>Microsoft.App/containerApps</c>.</summary>
    public IReadOnlyList<JsonElement> Of(string type) => [.. Resources.Where(r => r.GetProperty("type").GetString() == type)];

    /// <summary>The last parts of the names of a type's resources.</summary>
    public IReadOnlyList<string> NamesOf(string type) => [.. Of(type).Select(r => r.GetProperty("name").GetString()!.Split('/')[^1])];

    /// <summary>The only container of the only app.</summary>
    public JsonElement Container => Assert.Single(Assert.Single(Of("Microsoft.App/containerApps")).GetProperty("properties").GetProperty("template").GetProperty("containers").EnumerateArray());

    /// <summary>The app's settings.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        Container.GetProperty("env").EnumerateArray().ToDictionary(e => e.GetProperty("name").GetString()!, e => e.GetProperty("value").GetString()!, StringComparer.Ordinal);

    /// <summary>The role assignments, each as what it is on (container or queue) and which role it is (definition id).</summary>
    public IReadOnlyList<(string On, string Role)> Grants =>
        [.. Of("Microsoft.Authorization/roleAssignments").Select(a => (On: ScopeOf(a), Role: a.GetProperty("properties").GetProperty("roleDefinitionId").GetString()!.Split('/')[^1]))];

    /// <summary>An assignment's name needs Azure (the identity it is for), so that its id is an expression: <c>[extensionResourceId('scope', …</c></summary>
    private static string ScopeOf(JsonElement assignment)
    {
        var id = assignment.GetProperty("id").GetString()!;
        var parts = (id.Split('\'') is [_, var scope, ..] ? scope : id.Split("/providers/Microsoft.Authorization")[0]).Split('/');
        return parts[^2] is "containers" or "queues" ? $"{parts[^2]}/{parts[^1]}" : parts[^2];
    }
}
