using System.Text.Json.Nodes;
using Perk.Core.Documents;
using Perk.Core.Evaluation;
using Perk.Core.Tests.Documents;

namespace Perk.Core.Tests.Evaluation;

/// <summary>The evaluator on the real small model: what each method and control is given, and what an interruption leaves.</summary>
public sealed class EvaluatorTests : IDisposable
{
    private static readonly EncodingOptions Encoding = Pipeline.Options with { Segmenter = new SegmenterOptions { MaxTokens = 64 } };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_AllMethods_GivesEveryQuestionARowOfEachMethodAndControl()
    {
        using var trained = Stories.RandomAdapter(3);
        var options = new EvaluatorOptions { Methods = EvaluationMethod.All, Contexts = 3, MaxNewTokens = 8 };
        var log = EvaluationLog.InMemory();
        var set = new EvaluationSet(new PageTask(), 3, Now);
        new Evaluator(Pipeline.Checkpoint, Encoding, options, trained).Run(new PageTask(), set, log, cancel: Now);

        Assert.Equal([0, 1, 3], log.Contexts.Select(c => c.Context));
        string[] methods = ["blind", "perk", "icr", "prompt", "none", "swap", "bm25", "hybrid", "icr-swap", "prompt-swap", "bm25-swap", "hybrid-swap"];
        Assert.Equal(methods.Order(), log.Rows.Select(r => r.Method).Distinct().Order());
        Assert.All(log.Rows.GroupBy(r => r.Method), g => Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1), (3, 0), (3, 1)], g.Select(r => r.Key).Order()));
        Assert.Equal(["Lily", "2"], log.Rows.Where(r => r is { Method: "blind", Context: 1 }).Select(r => r.Answer));
        Assert.All(log.Contexts, c => Assert.Equal((2, true), (c.Segments, c.EncodeSeconds > 0)));
        Assert.All(log.Rows, r => Assert.True(r.Fits));

        // The document stands in the prompts of prompt and icr, a part of it in those of bm25, none in perk's.
        int Tokens(string method) => log.Rows.First(r => r.Method == method).PromptTokens!.Value;
        Assert.Equal(Tokens("prompt"), Tokens("icr"));
        Assert.Equal(Tokens("perk"), Tokens("none"));
        Assert.True(Tokens("perk") < Tokens("hybrid") && Tokens("bm25") < Tokens("prompt") && Tokens("bm25") < Tokens("hybrid"));

        var reports = EvaluationReports.Of(new PageTask(), null, set, log, options.Methods, Pipeline.Checkpoint, 1);
        Assert.Equal(EvaluationMethod.All.Select(m => m.Name), reports.Select(r => r.Method));
        Assert.All(reports, r => Assert.Equal((3, 6, 1), (r.Contexts, r.Questions, r.Dropped["every third"])));
        Assert.All(reports, r => Assert.True(r.AnswerSeconds > 0 && r.PeakMemoryBytes > 0 && r.ContextTokens > 0 && r.ModelTokens > r.ContextTokens));
        Assert.All(reports, r => Assert.Equal(r.Method is "perk" or "hybrid" or "swap", r.EncodeSeconds > 0));
        Assert.All(reports, r => Assert.False(r.AboveControls)); // an untrained model of children's stories
    }

    [Fact]
    public void Run_PerkAndSwap_AnswerFromTheContextsOwnAdapterAndFromTheOneBefore()
    {
        var log = Evaluate(EvaluationLog.InMemory(), 3);
        int[] draws = [0, 1, 3], others = [1, 0, 1];
        var encoder = new DocumentEncoder(Pipeline.Checkpoint, Encoding with { Segmenter = Encoding.Segmenter with { Unit = SegmentUnit.Paragraph } });
        foreach (var (draw, other) in draws.Zip(others))
        {
            Assert.Equal(Answers(draw, draw), Said("perk", draw));
            Assert.Equal(Answers(draw, other), Said("swap", draw));
        }

        Assert.NotEqual(Said("perk", 0), Said("swap", 0)); // The adapters do differ.

        string[] Said(string method, int draw) => [.. log.Rows.Where(r => r.Method == method && r.Context == draw).Select(r => r.Said ?? r.Answer)];

        string[] Answers(int draw, int context)
        {
            using var encoded = encoder.Encode(new PageTask().Draw(context).Problem!.Context, cancel: Now);
            string[] questions = [.. new PageTask().Draw(draw).Problem!.Questions.Select(q => q.Text)];
            var answers = new QuestionAnswerer(Pipeline.Checkpoint).Answer(encoded.Adapter, encoded.Segments.Count, questions, 8, Now);
            return [.. answers.Select(a => a.Text.Trim() == a.Parsed.Answer ? a.Parsed.Answer : a.Text)];
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Run_InterruptedAndGoneOnWith_GivesTheRowsOfAnUninterruptedRun(int after)
    {
        var whole = Evaluate(EvaluationLog.InMemory(), 4);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Evaluate(Open(), 4, new StopAt(stop, after, "swap"), stop.Token));
        var half = Open();
        Assert.Equal(after, half.Contexts.Count);

        var counting = new Counting();
        Evaluate(half, 4, counting);
        Assert.Equal(4 - after, counting.Asked);
        var finished = Open();
        Assert.Equal(whole.Rows.Select(Shown).Order(), finished.Rows.Select(Shown).Order());
        Assert.Equal(4, finished.Contexts.Count);

        static string Shown(EvaluationRow row) => $"{row.Key} {row.Method} {row.Answer} {row.Said} {row.ExactMatch} {string.Join('|', row.Support)}";
    }

    [Fact]
    public void Run_PromptOverTheWindow_GivesNoScoreAndSaysSo()
    {
        var task = new PageTask(paragraphs: 40);
        var options = new EvaluatorOptions { Methods = [EvaluationMethod.Prompt, EvaluationMethod.Bm25], Contexts = 2, MaxNewTokens = 8 };
        var set = new EvaluationSet(task, 2, Now);
        var log = EvaluationLog.InMemory();
        new Evaluator(Pipeline.Checkpoint, Encoding, options).Run(task, set, log, cancel: Now);

        var reports = EvaluationReports.Of(task, null, set, log, options.Methods, Pipeline.Checkpoint, 1);
        Assert.Equal((false, null, null, false), (reports[0].Fits, reports[0].ExactMatch, reports[0].Margin, reports[0].AboveControls));
        Assert.Equal((true, true), (reports[1].Fits, reports[1].ExactMatch is not null));
        Assert.Contains("does not fit", MarkdownReport.Write(reports), StringComparison.Ordinal);
        Assert.All(log.Contexts, c => Assert.Null(c.EncodeSeconds)); // Nothing was encoded for methods that read.
    }

    [Fact]
    public void Run_SwapWhoseOtherDocumentHoldsTheSupport_IsNotAsked()
    {
        var log = EvaluationLog.InMemory();
        var task = new Alike();
        new Evaluator(Pipeline.Checkpoint, Encoding, new EvaluatorOptions { Contexts = 3, MaxNewTokens = 4 }).Run(task, new EvaluationSet(task, 3, Now), log, cancel: Now);
        // The first and the second page hold each other's fact; the third holds none, and its other document is the second.
        Assert.Equal([(0, 1), (1, 1), (2, 0), (2, 1)], log.Rows.Where(r => r.Method == "swap").Select(r => r.Key));
        Assert.Equal(6, log.Rows.Count(r => r.Method == "perk"));
    }

    private sealed class Alike : Perk.Core.Tasks.IMemoryTask
    {
        public string Name => "alike";

        public int? Draws => 3;

        public Perk.Core.Tasks.Draw Draw(int index)
        {
            var problem = new PageTask().Draw(index == 2 ? 3 : 0).Problem!;
            return Perk.Core.Tasks.Draw.Of(problem with { Index = index, Context = problem.Context + new string('.', index) });
        }

        public IReadOnlyList<Perk.Core.Tasks.GoldAnswer> TrainingAnswers() => [];
    }

    private EvaluationLog Open() => EvaluationLog.Open(_folder.Path, new JsonObject { ["task"] = "pages" });

    private static EvaluationLog Evaluate(EvaluationLog log, int contexts, IProgress<EvaluationProgress>? progress = null, CancellationToken? cancel = null)
    {
        var options = new EvaluatorOptions { Contexts = contexts, MaxNewTokens = 8 };
        var set = new EvaluationSet(new PageTask(), contexts, Now);
        new Evaluator(Pipeline.Checkpoint, Encoding, options).Run(new PageTask(), set, log, progress, cancel ?? Now);
        return log;
    }

    private sealed class StopAt(CancellationTokenSource stop, int context, string doing) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value)
        {
            if (value.Context == context && value.Doing == doing) stop.Cancel();
        }
    }

    private sealed class Counting : IProgress<EvaluationProgress>
    {
        public int Asked { get; private set; }

        public void Report(EvaluationProgress value) => Asked += value.Doing == "perk" ? 1 : 0;
    }
}
