using System.Text.RegularExpressions;
using System.Xml.Linq;
using Perk.Core.Http;
using YamlDotNet.RepresentationModel;

namespace Perk.Cli.Tests.Infra;

/// <summary>azure.yaml, the Dockerfile, the parameters and the documentation name the same services, arguments and variables.</summary>
public sealed partial class AzdTests
{
    private static readonly string[] Roles = ["answer", "api", "encode"];

    private static readonly string Dockerfile = File.ReadAllText(Repository.At("Dockerfile"));

    [Fact]
    public void Services_OfAzd_AreTheRolesWithTheirParametersAndArguments()
    {
        var services = Map(Yaml("azure.yaml"), "services");
        Assert.Equal(Roles, services.Children.Keys.Select(k => k.ToString()).Order());
        foreach (var role in Roles)
        {
            var service = Map(services, role);
            Assert.True(File.Exists(Repository.At($"infra/{role}.bicepparam"))); // azd deploys that in place of changing an image.
            Assert.Equal("containerapp", service["host"].ToString());
            var docker = Map(service, "docker");
            Assert.True(File.Exists(Repository.At(docker["path"].ToString())));
            string[] arguments = [.. ((YamlSequenceNode)docker["buildArgs"]).Select(a => a.ToString())];
            Assert.Contains($"ROLE={role}", arguments);
            Assert.All(arguments, a => Assert.Contains($"\nARG {a.Split('=')[0]}", Dockerfile));
            if (role != "api") Assert.Contains($"GPU=${{PERK_{role.ToUpperInvariant()}_GPU={Standards()[$"PERK_{role.ToUpperInvariant()}_GPU"]}}}", arguments); // The image is for the GPU that the app is given.
        }
    }

    [Fact]
    public void Hooks_OfAzd_RunTheChecks()
    {
        foreach (var (hook, check) in new[] { ("preprovision", "region"), ("postdeploy", "scale-rules") })
            foreach (var system in new[] { "windows", "posix" })
                Assert.Equal($"dotnet run infra/check.cs {check}", Map(Map(Map(Yaml("azure.yaml"), "hooks"), hook), system)["run"].ToString()); // AzdChecksTests run both.
    }

    [Fact]
    public async Task Variables_OfTheParameters_AreOutputsOfTheProvisioningOrInTheTable()
    {
        var outputs = (await Bicep.PredictAsync("main")).Outputs.Keys.ToHashSet(StringComparer.Ordinal);
        string[] azd = ["AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_PRINCIPAL_ID", .. Roles.Select(r => $"SERVICE_{r.ToUpperInvariant()}_IMAGE_NAME")];
        var read = Standards();
        Assert.Empty(read.Keys.Except(outputs).Except(azd).Except(Table().Keys));
        Assert.Empty(Table().Keys.Except(read.Keys).Except(["PERK_HTTP_ACCESS"])); // an argument of the build
        Assert.Contains("${PERK_HTTP_ACCESS=key}", File.ReadAllText(Repository.At("azure.yaml")));
        Assert.All(Table().Where(t => read.ContainsKey(t.Key) && t.Key is not ("PERK_OPERATOR_ID" or "PERK_OPERATOR_TYPE" or "PERK_BUDGET_START")), t => Assert.Equal((t.Key, read[t.Key]), (t.Key, t.Value)));
        var hook = HookVariable().Matches(await File.ReadAllTextAsync(Repository.At("infra/check.cs"), TestContext.Current.CancellationToken)).Select(m => m.Value).Where(v => v != "PERK_SCALE_RULES_PATIENCE");
        Assert.Empty(hook.Except(outputs).Except(read.Keys).Except(["AZURE_SUBSCRIPTION_ID"]));
        foreach (var role in Roles) // A role's file reads no other role's.
            Assert.DoesNotMatch($"(PERK|SERVICE)_({string.Join('|', Roles.Where(r => r != role).Select(r => r.ToUpperInvariant()))})_", await File.ReadAllTextAsync(Repository.At($"infra/{role}.bicepparam"), TestContext.Current.CancellationToken));
        Assert.Empty(outputs.Where(o => o.StartsWith("PERK_", StringComparison.Ordinal)).Except(read.Keys)); // And all are read.
    }

    [Fact]
    public void Dockerfile_ValuesOfItsArguments_AreThoseOfTheBuildAndOfBicep()
    {
        var project = File.ReadAllText(Repository.At("src/Perk.Functions/Perk.Functions.csproj"));
        Assert.Contains("case \"$ROLE\" in api|encode|answer|all)", Dockerfile);
        Assert.All(["api", "encode", "answer", "all"], role => Assert.Contains($"'$(PerkRole)' != '{role}'", project));
        Assert.Contains("case \"$GPU\" in none|T4|A100)", Dockerfile);
        Assert.Contains("type gpu = 'none' | 'T4' | 'A100'", File.ReadAllText(Repository.At("infra/modules/gpu.bicep")));
        Assert.Contains("-p:PerkRole=\"$ROLE\" -p:PerkHttpAccess=\"$HTTP_ACCESS\" -p:TorchBackend=", Dockerfile);
    }

    [Fact]
    public void Dockerfile_RunsAsNobodyOnABaseThatIsGuarded()
    {
        var last = Dockerfile[Dockerfile.LastIndexOf("\nFROM ", StringComparison.Ordinal)..];
        Assert.True(last.IndexOf(@"GLIBCXX_3\.4\.32", StringComparison.Ordinal) is > 0 and var guard && guard < last.IndexOf("COPY --from=build", StringComparison.Ordinal));
        Assert.Matches(@"\nUSER [1-9]\d*:[1-9]\d*\n", last);
        Assert.Contains("dotnet-isolated:4-dotnet-isolated10.0", Dockerfile);
        Assert.Contains($"GET /{Routes.Live} ", Dockerfile);
        Assert.Contains("\nCMD [\"/azure-functions-host/", last); // Not by a shell, which would keep SIGTERM to itself.
        Assert.DoesNotContain("--mount", Dockerfile); // Registries build without BuildKit.
        Assert.DoesNotMatch(@"(?im)^(ARG|ENV)?\s*\w*(secret|token|password|connection|_key)\w*=", Dockerfile.Replace("FUNCTIONS_SECRETS_PATH", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Dockerignore_LetsThrough_AllThatTheBuildReads()
    {
        string[] through = [.. File.ReadAllLines(Repository.At(".dockerignore")).Where(l => l.StartsWith('!')).Select(l => l[1..])];
        Assert.All(through, path => Assert.True(File.Exists(Repository.At(path)) || Directory.Exists(Repository.At(path)), path));
        var needed = new List<string> { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "BannedSymbols.txt", ".editorconfig", "global.json" };
        foreach (var project in new[] { "src/Perk.Functions/Perk.Functions.csproj", "src/Perk.Core/Perk.Core.csproj" })
        {
            needed.Add(project);
            var read = XDocument.Load(Repository.At(project)).Descendants().Where(e => e.Name.LocalName is "None" or "ProjectReference" or "EmbeddedResource" or "Content").Select(e => e.Attribute("Include")?.Value).OfType<string>();
            needed.AddRange(read.Where(r => !r.Contains("local.settings", StringComparison.Ordinal)).Select(r => r.Replace('\\', '/').Split("/**")[0])
                .Select(r => r.StartsWith("../", StringComparison.Ordinal) ? Path.GetRelativePath(Repository.At("."), Path.Combine(Repository.At(project), "..", r)).Replace('\\', '/') : Path.GetDirectoryName(project)!.Replace('\\', '/') + "/" + r));
        }

        Assert.All(needed, path => Assert.True(Array.Exists(through, t => path == t || path.StartsWith(t + "/", StringComparison.Ordinal)), $".dockerignore keeps {path} from the build."));
    }

    /// <summary>Every variable that a .bicepparam file reads, with what stands where it is not set; empty where it must be.</summary>
    private static Dictionary<string, string> Standards() =>
        Directory.GetFiles(Repository.At("infra"), "*.bicepparam").SelectMany(f => Read().Matches(File.ReadAllText(f)))
            .GroupBy(m => m.Groups["name"].Value).ToDictionary(g => g.Key, g => Assert.Single(g.Select(m => m.Groups["standard"].Value).Distinct()), StringComparer.Ordinal);

    /// <summary>The table of docs/operations.md.</summary>
    private static Dictionary<string, string> Table()
    {
        var table = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in File.ReadLines(Repository.At("docs/operations.md")).Where(l => l.StartsWith("| `PERK_", StringComparison.Ordinal)))
        {
            var cells = row.Split('|');
            string[] standards = [.. cells[2].Split(',').Select(s => s.Trim(' ', '`'))];
            foreach (var (i, name) in Quoted().Matches(cells[1]).Select(m => m.Value).Index()) table.Add(name, standards[Math.Min(i, standards.Length - 1)]);
        }

        return table;
    }

    private static YamlMappingNode Yaml(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Repository.At(file))));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static YamlMappingNode Map(YamlMappingNode node, string key) => (YamlMappingNode)node[key];

    [GeneratedRegex(@"readEnvironmentVariable\('(?<name>[A-Z_]+)'(, ('(?<standard>[^']*)'|readEnvironmentVariable))?", RegexOptions.ExplicitCapture)]
    private static partial Regex Read();

    [GeneratedRegex("(?<=`)PERK_[A-Z_]+(?=`)")]
    private static partial Regex Quoted();

    [GeneratedRegex("(?<=Variable\\(\")[A-Z_]+(?=\"\\))")]
    private static partial Regex HookVariable();
}
