using CsCheck;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Storage;

public sealed class NamesTests
{
    private static readonly string Hash = new('a', 64);
    private static readonly string Half = new('b', 32);

    [Fact]
    public void Paths_GoodParts_AreTheDocumentedOnes()
    {
        Assert.Equal($"documents/default/{Hash}/content", Names.DocumentContent("default", Hash).ToString());
        Assert.Equal($"documents/default/{Hash}/source.json", Names.DocumentSource("default", Hash).ToString());
        Assert.Equal($"adapters/c-1/{Half}/adapter_model.safetensors", Names.AdapterWeights("c-1", Half).ToString());
        Assert.Equal($"adapters/c-1/{Half}/adapter_config.json", Names.AdapterConfig("c-1", Half).ToString());
        Assert.Equal($"adapters/c-1/{Half}/segments.json", Names.AdapterSegments("c-1", Half).ToString());
        Assert.Equal($"adapters/c-1/{Half}/manifest.json", Names.AdapterManifest("c-1", Half).ToString());
        Assert.Equal("answers/default/Case_7.b-2.json", Names.Answer("default", "Case_7.b-2").ToString());
        Assert.Equal($"jobs/default/encode-{Half}.json", Names.Job("default", Names.EncodeJob(Half)).ToString());
        Assert.Equal("jobs/default/ask-q1.json", Names.Job("default", Names.AskJob("q1")).ToString());
        Assert.Equal("jobs/default/evaluate-nightly.json", Names.Job("default", Names.EvaluateJob("nightly")).ToString());
        var report = new ReportId(new DateOnly(2026, 1, 31), Hash, "nightly");
        Assert.Equal($"reports/2026-01-31/{Hash}/nightly/report.json", Names.Report(report).ToString());
        Assert.Equal($"reports/2026-01-31/{Hash}/nightly/report.md", Names.ReportText(report).ToString());
        Assert.Equal($"reports/2026-01-31/{Hash}/nightly/qa1-1k/run.json", Names.ReportRun(report, "qa1-1k").ToString());
        Assert.Equal($"reports/2026-01-31/{Hash}/nightly/qa1-1k/contexts/000007.json", Names.ReportContext(report, "qa1-1k", 7).ToString());
        Assert.Equal(("reports/index.json", "reports/index.md"), (Names.ReportIndex.ToString(), Names.ReportIndexText.ToString()));
        Assert.True(Names.IsReport(Names.Report(report).Path));
        Assert.False(Names.IsReport(Names.ReportRun(report, "report").Path) || Names.IsReport(Names.ReportIndex.Path));
        Assert.Equal("deadletters/encode/ba7816bf8f01cfea414140de5dae2223.json", Names.DeadLetter(Names.EncodeQueue, "abc"u8).ToString());
        Assert.Equal($"models/checkpoints/{Hash}.json", Names.ModelManifest(Hash).ToString());
        Assert.Equal($"models/files/{Hash}", Names.ModelPayload(Hash).ToString());
        Assert.Equal("encode-poison", Names.PoisonOf(Names.EncodeQueue));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Default")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a_b")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a\n")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void Collection_Bad_IsRefusedWithItsValue(string collection)
    {
        var e = Assert.ThrowsAny<ArgumentException>(() => Names.Answer(collection, "q"));
        Assert.Contains("is not a collection name", e.Message);
        Assert.Contains(collection.TrimEnd(), e.Message);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("a--b")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123")]
    public void Collection_Good_Passes(string collection) => Assert.Null(NameRules.CollectionFault(collection));

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData(".git")]
    [InlineData("model.")]
    [InlineData("")]
    [InlineData(null)]
    public void ModelName_Bad_IsRefused(string? name) => Assert.Contains("is not a name of a model", NameRules.ModelNameFault(name));

    [Fact]
    public void ModelNames_AsOnHuggingFace_Pass() =>
        Assert.All(["Qwen2.5-0.5B", "model-00001-of-00002.safetensors", "perk-1m", "LICENSE"], name => Assert.Null(NameRules.ModelNameFault(name)));

    [Theory]
    [InlineData(".hidden")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public void QuestionId_Bad_IsRefused(string id)
    {
        Assert.ThrowsAny<ArgumentException>(() => Names.Answer("default", id));
        Assert.ThrowsAny<ArgumentException>(() => Names.AskJob(id));
    }

    [Fact]
    public void QuestionId_Longest_PassesAndOneMoreDoesNot()
    {
        Assert.Null(NameRules.QuestionIdFault(new string('q', 128)));
        Assert.NotNull(NameRules.QuestionIdFault(new string('q', 129)));
    }

    [Fact]
    public void Ids_OfTheWrongLengthOrCase_AreRefusedWithWhatIsRight()
    {
        var document = Assert.ThrowsAny<ArgumentException>(() => Names.DocumentContent("c", Half));
        Assert.Contains("64 lower-case hexadecimal digits", document.Message);
        var adapter = Assert.ThrowsAny<ArgumentException>(() => Names.AdapterManifest("c", Hash));
        Assert.Contains("32 lower-case hexadecimal digits", adapter.Message);
        Assert.ThrowsAny<ArgumentException>(() => Names.DocumentContent("c", Hash.ToUpperInvariant()));
        Assert.ThrowsAny<ArgumentException>(() => Names.DocumentContent("c", new string('g', 64)));
        Assert.ThrowsAny<ArgumentException>(() => Names.Job("c", "delete-" + Half));
        Assert.ThrowsAny<ArgumentException>(() => Names.DeadLetter("../encode", "x"u8));
        Assert.ThrowsAny<ArgumentException>(() => Names.EvaluateJob("Nightly"));
        Assert.ThrowsAny<ArgumentException>(() => Names.Report(new ReportId(default, Half, "nightly")));
        Assert.ThrowsAny<ArgumentException>(() => Names.ReportRun(new ReportId(default, Hash, "nightly"), ".."));
    }

    [Theory]
    [InlineData("documents", "../secret")]
    [InlineData("documents", "a/../../b")]
    [InlineData("documents", "a/./b")]
    [InlineData("documents", "/etc/passwd")]
    [InlineData("documents", "a//b")]
    [InlineData("documents", "a/")]
    [InlineData("documents", "")]
    [InlineData("documents", "a\\b")]
    [InlineData("documents", "C:/x")]
    [InlineData("documents", "a/b.")]
    [InlineData("documents", "a\0")]
    [InlineData("documents", "a\n")]
    [InlineData("..", "a")]
    [InlineData("a", "a")]
    [InlineData("Documents", "a")]
    [InlineData("a--b", "a")]
    [InlineData(".unfinished", "a")]
    public void ObjectName_Hostile_IsRefused(string container, string path) =>
        Assert.ThrowsAny<ArgumentException>(() => new ObjectName(container, path));

    [Fact]
    public void ObjectName_AnyText_IsRefusedOrStaysUnderItsFolder() => Gen.Char["ab./\\~:%\0 -_"].Array[0, 12].Sample(chars =>
    {
        var root = Path.GetFullPath("/store/documents") + Path.DirectorySeparatorChar;
        var path = new string(chars);
        try
        {
            var name = new ObjectName("documents", path);
            var full = Path.GetFullPath(Path.Combine(root, name.Path));
            Assert.StartsWith(root, full, StringComparison.Ordinal);
            Assert.Equal(path, Path.GetRelativePath(root, full).Replace('\\', '/'));
        }
        catch (ArgumentException)
        {
        }
    });
}
