using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Hosting;
using Perk.Core.Http;
using Perk.Core.Settings;
using Perk.Core.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Perk.Cli.Tests.Functions;

/// <summary>A function, queue, route, schedule or role that is renamed on one side only meets one of these.</summary>
public sealed partial class BindingsTests
{
    [Fact]
    public void Functions_All_AreTheTableOfTheDocumentation()
    {
        var rows = Row().Matches(File.ReadAllText(Repository.At("docs/functions.md"))).Select(m => $"{m.Groups["name"].Value} | {m.Groups["trigger"].Value} | {m.Groups["role"].Value}");
        Assert.Equal(AppFunction.All.Select(f => $"{f.Name} | {Shown(f.Trigger)} | {f.Role}").Order(), rows.Order());
        Assert.All(AppFunction.All, f => Assert.True(f.IsCallable, f.Name));
        Assert.All(AppFunction.All, f => Assert.Equal(AppFunction.Expected(f.Trigger), f.Bound));
    }

    [Fact]
    public void Queues_Each_HasAFunctionAndOneForItsPoison()
    {
        var triggers = AppFunction.All.Select(f => f.Trigger).OfType<QueueTriggerAttribute>().ToList();
        Assert.Equal(Names.Queues.Concat(Names.Queues.Select(Names.PoisonOf)).Order(), triggers.Select(t => t.QueueName).Order());
        Assert.All(triggers, t => Assert.Equal("PerkStorage", t.Connection));
    }

    [Fact]
    public void Routes_OfFunctionsLocalHostAndOpenApi_AreTheSame()
    {
        string[] functions = [.. AppFunction.All.Select(f => f.Trigger).OfType<HttpTriggerAttribute>().Select(t => $"{Assert.Single(t.Methods!).ToUpperInvariant()} /{t.Route}").Order()];
        using var open = OpenApiDocument.Open();
        using var json = JsonDocument.Parse(open);
        Assert.Equal(functions, json.RootElement.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name.ToUpperInvariant()} {p.Name}")).Order());

        using var web = WebApplication.CreateSlimBuilder().Build();
        using var services = new ServiceCollection().AddPerk(new HostSettings()).BuildServiceProvider();
        web.MapPerk(services);
        var endpoints = ((IEndpointRouteBuilder)web).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>();
        Assert.Equal(functions, endpoints.Select(e => $"{Assert.Single(e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods)} /{e.RoutePattern.RawText}").Order());
    }

    [Fact]
    public void OpenApi_EachOperation_IsNamedAsItsFunctionAndOpenOnlyWhereThatIs()
    {
        using var open = OpenApiDocument.Open();
        using var json = JsonDocument.Parse(open);
        foreach (var path in json.RootElement.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var function = AppFunction.All.Single(f => f.Trigger is HttpTriggerAttribute t && "/" + t.Route == path.Name && t.Methods!.Contains(operation.Name));
                Assert.Equal(function.Name, operation.Value.GetProperty("operationId").GetString());
                Assert.Equal(((HttpTriggerAttribute)function.Trigger).AuthLevel == AuthorizationLevel.Anonymous, operation.Value.TryGetProperty("security", out var none) && none.GetArrayLength() == 0);
            }
        }
    }

    [Fact]
    public void Roles_OfTheBuild_AreTheFoldersAndTheSettingsFiles()
    {
        string[] roles = [.. AppFunction.All.Select(f => f.Role).Where(r => r != "all").Distinct().Order()];
        var project = XDocument.Load(Repository.At("src/Perk.Functions/Perk.Functions.csproj"));
        var removed = project.Descendants("Compile").Select(c => (Folder: c.Attribute("Remove")!.Value, Condition: c.Attribute("Condition")!.Value)).ToList();
        Assert.Equal(roles, removed.Select(r => r.Folder.Split('\\')[0].ToLowerInvariant()).Order());
        Assert.All(removed, r => Assert.Equal($"'$(PerkRole)' != 'all' and '$(PerkRole)' != '{r.Folder.Split('\\')[0].ToLowerInvariant()}'", r.Condition));
        Assert.All(AppFunction.All, f => Assert.True(File.Exists(Repository.At($"src/Perk.Functions/{f.File}")), f.File));
        Assert.Equal(roles, Directory.GetFiles(Repository.At("src/Perk.Functions/roles"), "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order());
    }

    [Fact]
    public void Routes_PlacesInThem_AreTheParametersOfTheirFunctions()
    {
        foreach (var function in AppFunction.All.Where(f => f.Trigger is HttpTriggerAttribute))
            Assert.Equal(Place().Matches(((HttpTriggerAttribute)function.Trigger).Route!).Select(m => m.Value).Order(), function.RouteParameters.Order());
    }

    [Fact]
    public void Project_Links_BringHostJsonTheModelAndTheSuiteIntoTheDeployment()
    {
        var project = XDocument.Load(Repository.At("src/Perk.Functions/Perk.Functions.csproj"));
        var links = project.Descendants("None").ToDictionary(n => n.Attribute("Include")!.Value, n => (Link: n.Attribute("Link")!.Value, Output: n.Attribute("CopyToOutputDirectory")!.Value, Publish: n.Attribute("CopyToPublishDirectory")!.Value));
        Assert.Equal(("host.json", "PreserveNewest", "PreserveNewest"), links[@"..\..\host.json"]);
        Assert.Equal(("local.settings.json", "PreserveNewest", "Never"), links[@"..\..\local.settings.json"]);
        foreach (var folder in new[] { @"models\perk-1m", @"data\books", @"data\evaluation" })
            Assert.Equal(($@"{folder}\%(RecursiveDir)%(Filename)%(Extension)", "PreserveNewest", "PreserveNewest"), links[$@"..\..\{folder}\**"]);
    }

    [Fact]
    public void Declaration_VersionsThatItMirrors_AreThoseOfTheApp()
    {
        var app = Packages("src/Perk.Functions/Perk.Functions.csproj");
        var declared = Packages("tests/Perk.Functions.Declared/Perk.Functions.Declared.csproj");
        Assert.Empty(declared.Except(app));
        var mirrored = Mirrored().Matches(File.ReadAllText(Repository.At("tests/Perk.Functions.Declared/WorkerShape/README.md"))).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["version"].Value);
        var pinned = XDocument.Load(Repository.At("Directory.Packages.props")).Descendants("PackageVersion").ToDictionary(p => p.Attribute("Include")!.Value, p => p.Attribute("Version")!.Value);
        Assert.All(app.Except(declared).Where(p => p != "Microsoft.Azure.Functions.Worker.Sdk"), p => Assert.Equal(pinned[p], mirrored[p])); // The SDK is for the build.

        static string[] Packages(string file) => [.. XDocument.Load(Repository.At(file)).Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value)];
    }

    private static string Shown(Attribute trigger) => trigger switch
    {
        QueueTriggerAttribute queue => $"queue `{queue.QueueName}`",
        TimerTriggerAttribute timer => $"timer `{timer.Schedule}`",
        HttpTriggerAttribute http => $"{string.Join(", ", http.Methods!).ToUpperInvariant()} `/{http.Route}`",
        _ => "",
    };

    [GeneratedRegex(@"(?<=\{)[a-z]+(?=\})")]
    private static partial Regex Place();

    [GeneratedRegex(@"\| (?<name>Microsoft[A-Za-z.]+) (?<version>[0-9.]+) \|", RegexOptions.ExplicitCapture)]
    private static partial Regex Mirrored();

    [GeneratedRegex(@"(?<=^\| )`(?<name>[a-z-]+)` \| (?<trigger>(queue|timer|[A-Z]+) `[^`]+`) \| (?<role>[a-z]+)(?= \|$)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();
}
