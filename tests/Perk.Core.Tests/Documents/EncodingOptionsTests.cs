using Perk.Core.Documents;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;

namespace Perk.Core.Tests.Documents;

/// <summary>The adapter id: the same for the same weights, another for others.</summary>
public sealed class EncodingOptionsTests
{
    private static readonly string Document = new('a', 64);
    private static readonly string Checkpoint = new('c', 64);

    public static TheoryData<string> InnerOptions => [.. OptionChanges.Of<InnerLoopOptions>()];

    public static TheoryData<string> LoraChoices => [.. OptionChanges.Of<LoraOptions>()];

    [Fact]
    public void AdapterId_Standard_IsTheHashOfTheDocumentedJson()
    {
        // Where this fails, every stored adapter gets a new id: raise a version on purpose, never by accident.
        var json = ("{'schema':1,'collection':'default','document':'" + Document + "','text':1,"
            + "'segment':{'format':2,'maxTokens':256},'checkpoint':'" + Checkpoint + "',"
            + "'inner':{'steps':4,'optimizer':'AdamW','beta1':0.9,'beta2':0.95,'rootEpsilon':1E-08,"
            + "'weightDecay':0.01,'normalisation':'MeanOverTokens','normalisationConstant':256},"
            + "'lora':{'rank':16,'alpha':16,'rankStabilised':true,'targets':null,'layers':null},"
            + "'dtype':'float32'}").Replace('\'', '"');
        Assert.Equal(Ids.Sha256(json)[..32], Id(new EncodingOptions()));
        Assert.Equal("4b26c80be7482bf25da22b89a6521e3a", Id(new EncodingOptions()));
    }

    [Fact]
    public void AdapterId_Any_Is32LowerCaseHexadecimalDigits()
    {
        Assert.Matches(@"\A[0-9a-f]{32}\z", Id(new EncodingOptions()));
        Assert.Equal(Id(new EncodingOptions()), Id(new EncodingOptions()));
    }

    [Fact]
    public void AdapterId_AnotherCollectionDocumentOrCheckpoint_IsAnother()
    {
        var options = new EncodingOptions();
        string[] ids =
        [
            Id(options),
            options.AdapterId("another", Document, Checkpoint, new LoraOptions()),
            options.AdapterId("default", Checkpoint, Checkpoint, new LoraOptions()),
            options.AdapterId("default", Document, Document, new LoraOptions()),
            Id(options with { Segmenter = new SegmenterOptions { MaxTokens = 255 } }),
            Id(options with { Segmenter = new SegmenterOptions { Unit = SegmentUnit.Line } }),
            Id(options with { Segmenter = new SegmenterOptions { Unit = SegmentUnit.Paragraph } }),
        ];
        Assert.Distinct(ids);
    }

    [Theory]
    [MemberData(nameof(InnerOptions))]
    public void AdapterId_AnotherInnerOption_IsAnotherButForTheMicroBatch(string option)
    {
        var changed = new EncodingOptions { Inner = OptionChanges.With(new InnerLoopOptions(), option).Validated() };
        Assert.NotEqual(new EncodingOptions(), changed);
        Assert.Equal(option == nameof(InnerLoopOptions.SegmentsPerMicroBatch), Id(new EncodingOptions()) == Id(changed));
    }

    [Theory]
    [MemberData(nameof(LoraChoices))]
    public void AdapterId_AnotherLoraOption_IsAnother(string option) => Assert.NotEqual(
        Id(new EncodingOptions()),
        new EncodingOptions().AdapterId("default", Document, Checkpoint, OptionChanges.With(new LoraOptions(), option)));

    [Fact]
    public void AdapterId_TargetsInAnotherOrder_IsTheSame() => Assert.Equal(
        Id(new EncodingOptions(), new LoraOptions { Targets = ["q_proj", "v_proj"], Layers = [0, 1] }),
        Id(new EncodingOptions(), new LoraOptions { Targets = ["v_proj", "q_proj"], Layers = [1, 0] }));

    private static string Id(EncodingOptions options, LoraOptions? lora = null) =>
        options.AdapterId("default", Document, Checkpoint, lora ?? new LoraOptions());
}
