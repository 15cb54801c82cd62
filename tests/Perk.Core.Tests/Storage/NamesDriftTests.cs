using Perk.Core.Storage;

namespace Perk.Core.Tests.Storage;

/// <summary>What the documentation says of containers and queues is what the code uses.</summary>
public sealed class NamesDriftTests
{
    private static readonly string Architecture = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "architecture.md"));

    public static TheoryData<string> Used() => new(
        Names.Documents, Names.Adapters, Names.Answers, Names.Jobs, Names.Reports, Names.DeadLetters);

    [Theory]
    [MemberData(nameof(Used))]
    public void Architecture_ContainerInUse_HasItsRow(string container) => Assert.Contains($"| `{container}` | `{{", Architecture);

    [Fact]
    public void Architecture_Models_HaveTheirPaths() =>
        Assert.Contains($"| `{Names.Models}` | `{Names.ModelManifests}{{checkpoint}}.json`, `files/{{sha256}}` |", Architecture);

    [Fact]
    public void Architecture_Containers_AreAllKnown()
    {
        var documented = Architecture.Split('\n').SkipWhile(l => !l.StartsWith("| container |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(l => l.StartsWith('|')).Select(l => l.Split('`')[1]).ToArray();
        Assert.NotEmpty(documented);
        Assert.All(documented, name => Assert.Contains(name, Names.Containers));
    }

    [Fact]
    public void Architecture_QueuesInUse_AreNamed()
    {
        Assert.Contains(Names.EncodeQueue, Names.Queues);
        Assert.Contains(Names.QuestionsQueue, Names.Queues);
        Assert.Contains($"queue {Names.EncodeQueue}:", Architecture);
        Assert.Contains($"queue {Names.QuestionsQueue} ", Architecture);
    }
}
