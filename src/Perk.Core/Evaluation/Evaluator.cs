using Perk.Core.Documents;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>
/// Asks the questions of a set of problems by several methods and their controls. One context is in memory at a time, and one
/// other's adapter; what is answered goes into a log, and what the log holds already is not asked again.
/// </summary>
/// <param name="checkpoint">The model and its meta-parameters.</param>
/// <param name="encoding">How contexts are cut and written; each task says what a segment never goes beyond.</param>
/// <param name="options">What is asked.</param>
/// <param name="trained">The adapter of method icr, or null.</param>
public sealed class Evaluator(Checkpoint checkpoint, EncodingOptions encoding, EvaluatorOptions options, Adapter? trained = null)
{
    private readonly MethodAnswers _answers = new(checkpoint, options, trained);

    /// <summary>Works on the calling thread.</summary>
    /// <param name="task">The task.</param>
    /// <param name="set">Its problems.</param>
    /// <param name="log">Where answers go.</param>
    /// <param name="progress">Told after each micro-batch and each method.</param>
    /// <param name="cancel">Checked before each micro-batch and token; what is logged by then stays.</param>
    /// <exception cref="InnerLoopDivergedException">A context cannot be written with these step sizes.</exception>
    /// <exception cref="OperationCanceledException"/>
    public void Run(
        IMemoryTask task, EvaluationSet set, EvaluationLog log, IProgress<EvaluationProgress>? progress = null, CancellationToken cancel = default)
    {
        using var steps = Begin(task, set, log, progress);
        while (!steps.Done) steps.Next(cancel);
    }

    /// <summary>Begins to work step by step.</summary>
    /// <param name="task">The task.</param>
    /// <param name="set">Its problems.</param>
    /// <param name="log">Where answers go.</param>
    /// <param name="progress">Told after each micro-batch and each method.</param>
    /// <returns>The steps; the caller disposes them.</returns>
    public EvaluationSteps Begin(IMemoryTask task, EvaluationSet set, EvaluationLog log, IProgress<EvaluationProgress>? progress = null) =>
        new(this, task, set, log, progress);

    internal ProblemMemory Remember(Problem problem, Action<EncodeProgress> progress, CancellationToken cancel)
    {
        var encoder = new DocumentEncoder(checkpoint, encoding with { Segmenter = encoding.Segmenter with { Unit = problem.Unit } });
        if (options.Asked.All(m => m.Adapter != AdapterUse.Encoded)) return new ProblemMemory(problem, encoder.Segments(problem.Context), null);
        var encoded = encoder.Encode(problem.Context, new Forward(progress), cancel);
        return new ProblemMemory(problem, encoded.Segments, encoded);
    }

    internal List<EvaluationRow> Rows(
        ProblemMemory own, ProblemMemory other, BlindGuess blind, Action<string> method, CancellationToken cancel)
    {
        var problem = own.Problem;
        List<EvaluationRow> rows =
        [
            .. problem.Questions.Select((q, i) => EvaluationRow.Of(problem, i, BlindGuess.Name, blind.For(q.Kind, problem.Index), [])),
        ];
        foreach (var asked in options.Asked)
        {
            method(asked.Name);
            // A question that the other document answers as well says nothing about whose memory it is.
            int[] questions = [.. Enumerable.Range(0, problem.Questions.Count).Where(i => !asked.Swapped || !Answers(other.Problem, problem.Questions[i]))];
            rows.AddRange(_answers.Rows(asked, problem, questions, asked.Swapped ? other : own, cancel));
        }

        return rows;
    }

    private static bool Answers(Problem other, ProblemQuestion question) =>
        question.Support.Count > 0 && question.Support.All(fact => other.Context.Contains(fact.Text, StringComparison.Ordinal));

    internal EvaluatedContext Context(ProblemMemory own) => new(
        own.Problem.Index, own.Problem.ContextTokens, checkpoint.Tokenizer.Count(own.Problem.Context), own.Segments.Count,
        own.Encoded?.Elapsed.TotalSeconds);

    private sealed class Forward(Action<EncodeProgress> report) : IProgress<EncodeProgress>
    {
        public void Report(EncodeProgress value) => report(value);
    }
}

/// <summary>How far an evaluation is.</summary>
/// <param name="Context">The context at work, from 0.</param>
/// <param name="Contexts">How many there are.</param>
/// <param name="Doing">What is done: encoding, or a method's name.</param>
/// <param name="Encoding">How far the encoding is; null while questions are answered.</param>
public sealed record EvaluationProgress(int Context, int Contexts, string Doing, EncodeProgress? Encoding);
