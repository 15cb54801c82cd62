using Perk.Core.Evaluation;

namespace Perk.Core.Tests.Evaluation;

public sealed class EvaluationSetTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public void Set_DrawsWithoutProblem_AreSkippedAndCountedByReason()
    {
        var set = new EvaluationSet(new PageTask(), 5, Now);
        Assert.Equal([0, 1, 3, 4, 6], Enumerable.Range(0, 5).Select(set.DrawOf));
        Assert.Equal((5, 10), (set.Contexts, set.Questions));
        Assert.Equal(2, set.Dropped["every third"]);
        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(set.DrawOf(i), set[i].Index));
    }

    [Fact]
    public void Set_FewerDrawsThanAskedFor_HasWhatThereIs() => Assert.Equal(4, new EvaluationSet(new PageTask(draws: 6), 100, Now).Contexts);

    [Fact]
    public void Set_SameContextDrawnAgain_IsLeftOutAndCounted()
    {
        var set = new EvaluationSet(new PageTask(draws: 12, twice: true), 100, Now);
        Assert.Equal(4, set.Contexts);
        Assert.Equal(4, set.Dropped["the context was drawn before"]);
    }

    [Fact]
    public void Set_LessThanTwoContexts_SaysWhy()
    {
        var error = Assert.Throws<ArgumentException>(() => new EvaluationSet(new Barren(), 3, Now));
        Assert.Contains("1000 × story longer than the context", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Stories that never fit.</summary>
    private sealed class Barren : Perk.Core.Tasks.IMemoryTask
    {
        public string Name => "barren";

        public int? Draws => null;

        public Perk.Core.Tasks.Draw Draw(int index) => Perk.Core.Tasks.Draw.None("story longer than the context");

        public IReadOnlyList<Perk.Core.Tasks.GoldAnswer> TrainingAnswers() => [];
    }
}
