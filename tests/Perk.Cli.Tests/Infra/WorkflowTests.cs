using YamlDotNet.RepresentationModel;

namespace Perk.Cli.Tests.Infra;

/// <summary>The workflow does what a person would by the README, and publishes every role.</summary>
public sealed class WorkflowTests
{
    [Fact]
    public void Workflow_BuildsTestsAndPublishesEachRole()
    {
        var text = File.ReadAllText(Repository.At(".github/workflows/ci.yml"));
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var jobs = (YamlMappingNode)((YamlMappingNode)stream.Documents[0].RootNode)["jobs"];
        Assert.Equal(["tests", "bicep", "app", "core-tools"], jobs.Children.Keys.Select(k => k.ToString()));
        var matrix = (YamlSequenceNode)jobs["app"]["strategy"]["matrix"]["role"];
        Assert.Equal(["answer", "api", "encode"], matrix.Select(r => r.ToString()).Order());
        Assert.All(["dotnet build -c Azure", "bash .ci/run", "dotnet publish src/Perk.Functions", "docker build", "func start"], command => Assert.Contains(command, text));
        Assert.All(jobs.Children.Values, job => Assert.True(int.Parse(job["timeout-minutes"].ToString(), null) <= 45));
    }

    [Fact]
    public void Deployment_VariablesThatItSets_AreThoseOfTheParameters()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Repository.At(".github/workflows/deploy.yml"))));
        var set = ((YamlMappingNode)((YamlMappingNode)stream.Documents[0].RootNode)["env"]).Children.Select(v => (Name: v.Key.ToString(), Value: v.Value.ToString())).ToList();
        var parameters = string.Join('\n', Directory.GetFiles(Repository.At("infra"), "*.bicepparam").Select(File.ReadAllText));
        Assert.All(set.Where(v => v.Name.StartsWith("PERK_", StringComparison.Ordinal)), v => Assert.Contains($"readEnvironmentVariable('{v.Name}'", parameters));
        Assert.Contains(set, v => v == ("PERK_ENCODE_GPU", "${{ vars.PERK_ENCODE_GPU || 'T4' }}"));
        Assert.DoesNotContain(set, v => v.Value.Contains("secrets.", StringComparison.Ordinal)); // Signed in by federation.
    }
}
