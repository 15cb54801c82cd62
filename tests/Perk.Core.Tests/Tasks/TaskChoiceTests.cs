using Perk.Core.Tasks;

namespace Perk.Core.Tests.Tasks;

public sealed class TaskChoiceTests
{
    [Theory]
    [InlineData("qa1")]
    [InlineData("order")]
    [InlineData("recall")]
    [InlineData("kv")]
    public void Create_NothingButTheName_IsTheTaskAtItsUsualLength(string name)
    {
        var named = new TaskChoice { Name = name }.Create(RepositoryFiles.Books);
        Assert.Equal((name, 1024, 0), (named.Task.Name, named.Length, named.BootstrapSeed));
        Assert.Equal((4, "random"), ((int)named.Options["questions"]!, (string)named.Options["depth"]!));
        Assert.Equal(name is "qa1" or "order", named.Options.ContainsKey("haystack"));
        Assert.InRange(named.Task.Draw(0).Problem!.Questions.Count, 1, 4);
    }

    [Fact]
    public void Create_AnotherOption_IsInTheFingerprint()
    {
        var plain = new TaskChoice { Name = "qa1" };
        var known = Fingerprint(plain);
        Assert.Equal(known, Fingerprint(plain with { Length = 1024, Questions = 4, World = "test", Depth = "random", EventPrefix = true }));
        TaskChoice[] others =
        [
            plain with { Length = 512 }, plain with { Questions = 3 }, plain with { Seed = 1 }, plain with { World = "original" }, plain with { Depth = "pre" },
            plain with { EventPrefix = false }, plain with { Unanswerable = 0.5 }, plain with { OtherDocument = 0.5 }, plain with { Names = ["Ada", "Bo"] },
            plain with { Haystack = RepositoryFiles.Books },
        ];
        Assert.All(others, other => Assert.NotEqual(known, Fingerprint(other)));

        static string Fingerprint(TaskChoice choice) => choice.Create(RepositoryFiles.Books).Options.ToJsonString();
    }

    public static TheoryData<TaskChoice, string> Faults() => new()
    {
        { new() { Name = "qa9" }, "Task 'qa9' is unknown; use qa1, qa2" },
        { new() { Name = "qa1", World = "small" }, "World 'small' is unknown" },
        { new() { Name = "kv", Depth = "deep" }, "Depth 'deep' is unknown" },
        { new() { Name = "kv", EventPrefix = true }, "eventPrefix says nothing about task kv; leave it out." },
        { new() { Name = "qa1", Data = "x" }, "data says nothing about task qa1; leave it out." },
        { new() { Name = "jsonl", OtherDocument = 0 }, "otherDocument says nothing about task jsonl; leave it out." },
        { new() { Name = "qa1", Babi = "x", Names = ["Ada"] }, "names says nothing about original stories; leave it out." },
        { new() { Name = "squad" }, "Task squad needs its data; name the file with data." },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Create_OneFault_IsNamed(TaskChoice choice, string said) =>
        Assert.Contains(said, Assert.Throws<ArgumentException>(() => choice.Create(RepositoryFiles.Books)).Message, StringComparison.Ordinal);

    [Fact]
    public void Create_OptionsOfAnotherSpelling_AreNamedInIt() => Assert.StartsWith(
        "--data says", Assert.Throws<ArgumentException>(() => new TaskChoice { Name = "qa1", Data = "x" }.Create(RepositoryFiles.Books, key => "--" + key)).Message, StringComparison.Ordinal);
}
