using Perk.Core.Evaluation;
using Perk.Core.Tests.Documents;

namespace Perk.Core.Tests.Evaluation;

/// <summary>Scores of rows made by hand: what counts as memory, and what does not.</summary>
public sealed class EvaluationSummaryTests
{
    private static readonly string[] Places = ["garden", "kitchen", "office", "hallway"];

    [Fact]
    public void Score_Rows_IsTheMeanOverQuestionsWithAnIntervalOverContexts()
    {
        // Context 0: 3 of 3 right; context 1: 0 of 1. The mean over questions is 3/4, not 1/2.
        EvaluationRow[] rows = [Rows.Of(0, 0, "perk", true), Rows.Of(0, 1, "perk", true), Rows.Of(0, 2, "perk", true), Rows.Of(1, 0, "perk", false)];
        var score = new EvaluationSummary(rows, 1).Score("perk");
        Assert.Equal(0.75, score.ExactMatch!.Mean, 12);
        Assert.Equal((0.0, 1.0), (score.ExactMatch.Low, score.ExactMatch.High)); // Both resamples of one context occur often.
        Assert.Equal(0.75, score.TokenF1!.Value, 12);
    }

    [Fact]
    public void Score_QuestionsOfOneContextAlike_HasTheWidthOfContextsNotOfQuestions()
    {
        EvaluationRow[] Of(int contexts, int questions) =>
            [.. Enumerable.Range(0, contexts).SelectMany(c => Enumerable.Range(0, questions).Select(q => Rows.Of(c, q, "perk", c % 2 == 0)))];
        var one = new EvaluationSummary(Of(40, 1), 1).Score("perk").ExactMatch!;
        var ten = new EvaluationSummary(Of(40, 10), 1).Score("perk").ExactMatch!;
        Assert.Equal(one.High - one.Low, ten.High - ten.Low, 12);
        Assert.InRange(one.High - one.Low, 0.25, 0.36); // 2 · 1.96 · √(0.25/40) = 0.31
    }

    [Fact]
    public void Difference_SameQuestions_IsPaired()
    {
        // Right on the same 50 of 100 contexts but for 5 more: the intervals of the two overlap widely, the pair's does not hold 0.
        var rows = Enumerable.Range(0, 100).SelectMany(c => new[] { Rows.Of(c, 0, "perk", c < 55), Rows.Of(c, 0, "bm25", c < 45) }).ToList();
        var summary = new EvaluationSummary(rows, 1);
        Assert.True(summary.Score("perk").ExactMatch!.Low < summary.Score("bm25").ExactMatch!.High);
        var difference = summary.Difference("perk", "bm25", r => r.ExactMatch)!;
        Assert.Equal((0.1, 100), (Math.Round(difference.Difference, 12), difference.Questions));
        Assert.InRange(difference.Low, 0.03, 0.06);
    }

    [Fact]
    public void DifferenceTo_AnotherRun_ComparesOnlyTheSameQuestions()
    {
        var mine = new EvaluationSummary([Rows.Of(0, 0, "perk", true), Rows.Of(1, 0, "perk", true), Rows.Of(2, 0, "perk", true)], 1);
        EvaluationRow[] other = [Rows.Of(0, 0, "perk", false), Rows.Of(1, 0, "perk", false), Rows.Of(2, 0, "perk", false, gold: "office"), Rows.Of(9, 0, "perk", true)];
        Assert.Equal(2, mine.DifferenceTo("perk", other, "earlier", r => r.ExactMatch)!.Questions);
        Assert.Throws<ArgumentException>(() => mine.DifferenceTo("perk", [other[0], other[3]], "earlier", r => r.ExactMatch));
    }

    [Fact]
    public void Report_ModelThatAlwaysSaysTheMostFrequentAnswer_IsWorthless()
    {
        // Of the test's answers, half are garden; training's most frequent is kitchen, so blind is weak. Saying garden must not count.
        string Gold(int c) => c % 2 == 0 ? "garden" : Places[c / 2 % 4];
        var report = Report(c => [
            Rows.Of(c, 0, "perk", Gold(c) == "garden", gold: Gold(c), answer: "garden"),
            Rows.Of(c, 0, "blind", Gold(c) == "kitchen", gold: Gold(c), answer: "kitchen"),
            Rows.Of(c, 0, "none", false, gold: Gold(c)),
            Rows.Of(c, 0, "swap", false, gold: Gold(c))]);
        Assert.True(report.Margin!.Low > 0); // above the three, yet
        Assert.False(report.AboveControls);
        Assert.Contains("Not clearly above constant: memory of the context is not shown.", MarkdownReport.Verdict(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_AnotherDocumentsAdapterAsGoodAsItsOwn_IsWorthless()
    {
        var report = Report(c => [
            Rows.Of(c, 0, "perk", c % 4 != 0, gold: Places[c % 4]), Rows.Of(c, 0, "swap", c % 4 != 1, gold: Places[c % 4]),
            Rows.Of(c, 0, "blind", c % 4 == 0, gold: Places[c % 4]), Rows.Of(c, 0, "none", false, gold: Places[c % 4])]);
        Assert.Equal(("swap", 0.0), (report.Margin!.Over, report.Margin.Difference));
        Assert.Equal(["swap"], report.NotBeaten);
        Assert.False(report.AboveControls);
    }

    [Fact]
    public void Report_MemoryOfTheContext_IsAboveEveryControl()
    {
        var report = Report(c => [
            Rows.Of(c, 0, "perk", c % 8 != 0, gold: Places[c % 4]), Rows.Of(c, 0, "swap", c % 4 == 1, gold: Places[c % 4]),
            Rows.Of(c, 0, "blind", c % 4 == 0, gold: Places[c % 4]), Rows.Of(c, 0, "none", c % 5 == 0, gold: Places[c % 4])]);
        Assert.True(report.AboveControls);
        Assert.Equal(0.875, report.ExactMatch!.Value, 12);
        Assert.Equal(["blind", "none", "swap", "constant"], report.Controls.Select(c => c.Method));
        Assert.Contains("It is above every control.", MarkdownReport.Write([report]), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_SwapThatWasNotAskedEverything_IsComparedOnWhatItWas()
    {
        var report = Report(c => [
            Rows.Of(c, 0, "perk", true, gold: Places[c % 4]), Rows.Of(c, 0, "blind", c % 4 == 0, gold: Places[c % 4]), Rows.Of(c, 0, "none", false, gold: Places[c % 4]),
            .. c % 2 == 0 ? [Rows.Of(c, 0, "swap", false, gold: Places[c % 4])] : (EvaluationRow[])[]]);
        Assert.Equal(40, report.Controls.Single(c => c.Method == "swap").Questions);
        Assert.True(report.AboveControls);
        Assert.Contains("control: swap (40 questions)", MarkdownReport.Write([report]), StringComparison.Ordinal);
        var none = Report(c => [Rows.Of(c, 0, "perk", true, gold: Places[c % 4]), Rows.Of(c, 0, "blind", false, gold: Places[c % 4]), Rows.Of(c, 0, "none", false, gold: Places[c % 4])]);
        Assert.Equal((0, null), (none.Controls.Single(c => c.Method == "swap").Questions, none.Controls.Single(c => c.Method == "swap").ExactMatch));
    }

    private static EvaluationReport Report(Func<int, EvaluationRow[]> rows)
    {
        var now = TestContext.Current.CancellationToken;
        var log = EvaluationLog.InMemory();
        for (var c = 0; c < 80; c++) log.Add(new EvaluatedContext(c, 100, 200, 2, 1), rows(c));
        var task = new EveryDraw();
        return EvaluationReports.Of(task, 128, new EvaluationSet(task, 80, now), log, [EvaluationMethod.Perk], Pipeline.Checkpoint, 1)[0];
    }

    /// <summary>A problem a draw; its text does not matter here.</summary>
    private sealed class EveryDraw : Perk.Core.Tasks.IMemoryTask
    {
        public string Name => "rows";

        public int? Draws => 80;

        public Perk.Core.Tasks.Draw Draw(int index) =>
            Perk.Core.Tasks.Draw.Of(new PageTask().Draw(index / 2 * 3 + index % 2).Problem! with { Index = index });

        public IReadOnlyList<Perk.Core.Tasks.GoldAnswer> TrainingAnswers() => [];
    }
}
