using System.Text.Json.Nodes;

namespace Perk.Core.Evaluation;

/// <summary>What came out for one method on one task: the object that <c>perk evaluate --json</c> prints.</summary>
public sealed record EvaluationReport
{
    /// <summary>The form this code writes; raised when a field changes its meaning or goes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The form.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The task's name.</summary>
    public required string Task { get; init; }

    /// <summary>The method's name.</summary>
    public required string Method { get; init; }

    /// <summary>The base model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The checkpoint id.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>What was asked: task options with the hashes of data, encoding, methods.</summary>
    public required JsonObject? Run { get; init; }

    /// <summary>The asked length of a context in tokens of GPT-2; null where contexts keep their own.</summary>
    public required int? Length { get; init; }

    /// <summary>How many contexts.</summary>
    public required int Contexts { get; init; }

    /// <summary>How many questions about them.</summary>
    public required int Questions { get; init; }

    /// <summary>The model's window, in its tokens.</summary>
    public required int Window { get; init; }

    /// <summary>Whether every prompt and answer fitted the model's window; where not, there is no score.</summary>
    public required bool Fits { get; init; }

    /// <summary>The share of right answers; null where prompts do not fit.</summary>
    public required double? ExactMatch { get; init; }

    /// <summary>The lower end of its 95 % interval over contexts.</summary>
    public required double? ExactMatchLow { get; init; }

    /// <summary>The upper end.</summary>
    public required double? ExactMatchHigh { get; init; }

    /// <summary>Mean token F1.</summary>
    public required double? TokenF1 { get; init; }

    /// <summary>The share of answers that contain a gold answer.</summary>
    public required double? SubEM { get; init; }

    /// <summary>Mean precision of the supporting lines over questions that have gold ones.</summary>
    public required double? SupportPrecision { get; init; }

    /// <summary>Their mean recall.</summary>
    public required double? SupportRecall { get; init; }

    /// <summary>Mean seconds to write a context into an adapter; null for methods that write none.</summary>
    public required double? EncodeSeconds { get; init; }

    /// <summary>Mean seconds to answer a question, its share of a batch.</summary>
    public required double? AnswerSeconds { get; init; }

    /// <summary>Mean length of a context in tokens of GPT-2's full tokenizer.</summary>
    public required double ContextTokens { get; init; }

    /// <summary>Mean length of a context in tokens of the model's own tokenizer.</summary>
    public required double ModelTokens { get; init; }

    /// <summary>
    /// The greatest resident memory of this process so far, in bytes, all methods together; an accelerator's memory is not in it.
    /// </summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>What was not asked: draws without a context, questions and rows left out, by reason.</summary>
    public required IReadOnlyDictionary<string, int> Dropped { get; init; }

    /// <summary>What one gets right who has not read the context.</summary>
    public required IReadOnlyList<MethodScore> Controls { get; init; }

    /// <summary>The method less the best of blind, none and swap, by exact match.</summary>
    public required PairedDifference? Margin { get; init; }

    /// <summary>The same by SubEM, the usual measure of natural questions.</summary>
    public required PairedDifference? MarginSubEM { get; init; }

    /// <summary>
    /// Whether the result counts: by exact match, the interval of the paired difference to every control, the best constant with
    /// hindsight included, lies above zero.
    /// </summary>
    public required bool AboveControls { get; init; }

    /// <summary>The controls to which the interval of the difference does not lie above zero.</summary>
    public required IReadOnlyList<string> NotBeaten { get; init; }

    /// <summary>The method less each other method, on the same questions.</summary>
    public required IReadOnlyList<PairedDifference> Comparisons { get; init; }

    /// <summary>The scores of each kind of question, answerable and not.</summary>
    public required IReadOnlyList<KindScore> Kinds { get; init; }
}

/// <summary>A method's score.</summary>
/// <param name="Method">Its name.</param>
/// <param name="Questions">How many it was asked; a swap is not asked what the other document answers as well.</param>
/// <param name="Fits">Whether every prompt fitted the window; where not, the scores are null.</param>
/// <param name="ExactMatch">Exact match with its 95 % interval over contexts.</param>
/// <param name="TokenF1">Mean token F1.</param>
/// <param name="SubEM">The share of answers that contain a gold answer.</param>
/// <param name="SupportPrecision">Mean precision of the supporting lines; null without gold lines.</param>
/// <param name="SupportRecall">Their mean recall; null without gold lines.</param>
/// <param name="Seconds">Mean seconds a question; null for controls that ask no model.</param>
public sealed record MethodScore(
    string Method, int Questions, bool Fits, MeanInterval? ExactMatch, double? TokenF1, double? SubEM, double? SupportPrecision, double? SupportRecall,
    double? Seconds);

/// <summary>A difference between two methods on the same questions, with its 95 % interval over contexts.</summary>
/// <param name="Over">The other method.</param>
/// <param name="Difference">The mean difference.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
/// <param name="Questions">How many questions both answered.</param>
public sealed record PairedDifference(string Over, double Difference, double Low, double High, int Questions);

/// <summary>The score of one kind of question.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Answerability">Whether the contexts hold the answers.</param>
/// <param name="Questions">How many.</param>
/// <param name="ExactMatch">The method's share of right answers.</param>
/// <param name="BestControl">The best control's on the same questions.</param>
/// <param name="Control">Which control that is.</param>
public sealed record KindScore(string Kind, Tasks.Answerability Answerability, int Questions, double ExactMatch, double BestControl, string Control);
