using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.MetaLearning;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tensors;

namespace Perk.Core.Tests.Evaluation;

/// <summary>The checkpoint that ships remembers what it has never seen: a held-out book, names and places of the test lists.</summary>
public sealed class ShippedCheckpointTests
{
    [Theory]
    [InlineData(1024)]
    [InlineData(4096)]
    public void Evaluate_HeldOutBookAndNames_IsFarAboveEveryControl(int length)
    {
        var source = new CheckpointSource { ModelFolder = RepositoryFiles.Shipped, Folder = Path.Combine(RepositoryFiles.Shipped, "memory") };
        using var checkpoint = source.Load(ComputeDevice.Select("cpu"));
        var settings = source.Settings()!;
        var encoding = new EncodingOptions { Segmenter = new SegmenterOptions { MaxTokens = settings.SegmentTokens }, Inner = settings.Inner };
        var task = new BabiLongTask(new BabiLongOptions { Length = length, Questions = 4, Seed = 11 }, Haystack.FromFolder(RepositoryFiles.Books, only: ["herman-melville_moby-dick"]));
        var options = new EvaluatorOptions { Contexts = 8 };
        var set = new EvaluationSet(task, options.Contexts, TestContext.Current.CancellationToken);
        var log = EvaluationLog.InMemory();
        new Evaluator(checkpoint, encoding, options).Run(task, set, log, cancel: TestContext.Current.CancellationToken);
        var right = log.Rows.GroupBy(r => r.Method, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Average(r => r.ExactMatch ? 1.0 : 0), StringComparer.Ordinal);
        Assert.True(right["perk"] >= 0.7, $"{right["perk"]:0.00}");
        Assert.All(["none", "swap", "blind"], control => Assert.True(right[control] <= 0.3, $"{control} {right[control]:0.00}"));
    }
}
