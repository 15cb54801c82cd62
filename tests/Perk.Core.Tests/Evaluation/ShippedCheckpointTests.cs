using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.MetaLearning;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tasks.StudentRecords;
using Perk.Core.Tensors;

namespace Perk.Core.Tests.Evaluation;

/// <summary>The checkpoints that ship remember what they have never seen: a held-out book, names, places and ids of the test lists.</summary>
public sealed class ShippedCheckpointTests
{
    [Theory]
    [InlineData(1024)]
    [InlineData(4096)]
    public void Evaluate_HeldOutBookAndNames_IsFarAboveEveryControl(int length)
    {
        var book = Haystack.FromFolder(RepositoryFiles.Books, only: ["herman-melville_moby-dick"]);
        var right = Right("memory", new BabiLongTask(new BabiLongOptions { Length = length, Questions = 4, Seed = 11 }, book));
        Assert.True(right["perk"] >= 0.7, $"{right["perk"]:0.00}");
        Assert.All(["none", "swap", "blind"], control => Assert.True(right[control] <= 0.3, $"{control} {right[control]:0.00}"));
    }

    [Fact]
    public void Evaluate_RegisterOfStudentsNeverSeen_IsFarAboveEveryControl()
    {
        var right = Right("registers", new StudentRecordsTask(new StudentRecordsOptions { Length = 1024, Questions = 4, Seed = 11 }));
        Assert.True(right["perk"] >= 0.6, $"{right["perk"]:0.00}");
        Assert.All(["none", "swap", "blind"], control => Assert.True(right[control] <= 0.35, $"{control} {right[control]:0.00}"));
    }

    /// <summary>The share of right answers by method.</summary>
    private static Dictionary<string, double> Right(string name, IMemoryTask task)
    {
        const int Contexts = 8;
        var source = new CheckpointSource { ModelFolder = RepositoryFiles.Shipped, Folder = Path.Combine(RepositoryFiles.Shipped, name) };
        using var checkpoint = source.Load(ComputeDevice.Select("cpu"));
        var settings = source.Settings()!;
        var encoding = new EncodingOptions { Segmenter = new SegmenterOptions { MaxTokens = settings.SegmentTokens }, Inner = settings.Inner };
        var options = new EvaluatorOptions { Contexts = Contexts, MaxNewTokens = checkpoint.MaxNewTokens };
        var log = EvaluationLog.InMemory();
        new Evaluator(checkpoint, encoding, options).Run(task, new EvaluationSet(task, Contexts, TestContext.Current.CancellationToken), log, cancel: TestContext.Current.CancellationToken);
        return log.Rows.GroupBy(r => r.Method, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Average(r => r.ExactMatch ? 1.0 : 0), StringComparer.Ordinal);
    }
}
