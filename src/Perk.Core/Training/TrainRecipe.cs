using System.Text.Json;
using Perk.Core.Documents;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;

namespace Perk.Core.Training;

/// <summary>A meta-training as a committed file: everything that decides its result but the books and the base model.</summary>
public sealed record TrainRecipe
{
    /// <summary>What is trained.</summary>
    public TrainMethod Method { get; init; } = TrainMethod.Perk;

    /// <summary>The adapter's shape.</summary>
    public LoraOptions Lora { get; init; } = new() { Rank = 32 };

    /// <summary>The inner loop.</summary>
    public InnerLoopOptions Inner { get; init; } = new();

    /// <summary>The outer loop.</summary>
    public OuterOptions Outer { get; init; } = new();

    /// <summary>Inner step size of every tensor and step before training.</summary>
    public double StepSize { get; init; } = 0.02;

    /// <summary>
    /// Where a trained checkpoint is gone on with (<c>--start</c>) and has fewer inner steps: the step size of each new one, as a share of the
    /// last one's that was learned.
    /// </summary>
    public double AppendedShare { get; init; } = 0.2;

    /// <summary>The weight that the token-weighting head gives every token before training; null for no head.</summary>
    public double? TokenWeight { get; init; } = 1;

    /// <summary>The longest segment, in tokens of the model.</summary>
    public int SegmentTokens { get; init; } = 64;

    /// <summary>
    /// What a segment of a document never goes beyond where the checkpoint is used; problems are cut as their task says, registers by lines.
    /// </summary>
    public SegmentUnit SegmentUnit { get; init; }

    /// <summary>P: problems a step.</summary>
    public int Problems { get; init; } = 8;

    /// <summary>Threads that share the problems of a step; the result's last digits depend on it.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Q: most questions a problem.</summary>
    public int Questions { get; init; } = 4;

    /// <summary>What is asked, in shares.</summary>
    public required IReadOnlyList<TaskShare> Tasks { get; init; }

    /// <summary>Haystack amplification; null for none.</summary>
    public Amplification? Amplification { get; init; }

    /// <summary>How much the loss of answer tokens that carry content (numbers, names, gold answers) weighs; 1 for as much as the rest.</summary>
    public double ContentWeight { get; init; } = 4;

    /// <summary>How much those of the final answer weigh: a Yes or No is one token of a hundred and fifty; null for as much as other content.</summary>
    public double? AnswerWeight { get; init; }

    /// <summary>Decides problems and the initial adapter.</summary>
    public long Seed { get; init; }

    /// <summary>Outer steps between two validations.</summary>
    public int ValidateEvery { get; init; } = 100;

    /// <summary>Held-out problems of each task in a validation.</summary>
    public int ValidationProblems { get; init; } = 8;

    /// <summary>Outer steps between two saved states.</summary>
    public int SaveEvery { get; init; } = 50;

    /// <summary>The longest answer, in tokens of the model, in validations and where the checkpoint is used.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Books, by file name without extension, that no training text comes from.</summary>
    public IReadOnlyList<string> HeldOutBooks { get; init; } = [];

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">The file.</param>
    /// <param name="changes">Fields to set, such as <c>outer.steps=300</c>.</param>
    /// <exception cref="RecipeException">It cannot be read, has a field that is unknown or out of range, or lacks one; the message names file and field.</exception>
    public static TrainRecipe Read(string path, IReadOnlyList<string>? changes = null)
    {
        try
        {
            return StrictJson.Read<TrainRecipe>(RecipeChanges.Made(File.ReadAllBytes(path), changes ?? [])).Validated();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new RecipeException(path, e.Message, e);
        }
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it and the range.</exception>
    public TrainRecipe Validated()
    {
        Inner.Validated();
        Outer.Validated();
        Require(Outer.UnrolledSteps is null || Outer.UnrolledSteps <= Inner.Steps, "outer.unrolledSteps", Outer.UnrolledSteps ?? 0, $"at most inner.steps, {Inner.Steps}");
        Require(StepSize is > 0 and < 1e6, "stepSize", StepSize, "a number above 0");
        Require(AppendedShare is > 0 and <= 10, "appendedShare", AppendedShare, "a number above 0");
        Require(TokenWeight is null or (> 0 and < 100), "tokenWeight", TokenWeight ?? 0, "a number above 0, or null for no head");
        Require(SegmentTokens is >= 16 and <= 32_768, "segmentTokens", SegmentTokens, "16 to 32768");
        Require(Enum.IsDefined(SegmentUnit), "segmentUnit", SegmentUnit, "packed, paragraph or line");
        Require(Problems is >= 1 and <= 1024, "problems", Problems, "1 to 1024");
        Require(Workers >= 1 && Workers <= Problems, "workers", Workers, $"1 to problems, {Problems}");
        Require(Questions is >= 1 and <= 64, "questions", Questions, "1 to 64");
        Require(ContentWeight is > 0 and < 1000, "contentWeight", ContentWeight, "a number above 0");
        Require(AnswerWeight is null or (> 0 and < 1000), "answerWeight", AnswerWeight ?? 0, "a number above 0, or null");
        Require(ValidateEvery >= 1, "validateEvery", ValidateEvery, "1 or more");
        Require(ValidationProblems >= 1, "validationProblems", ValidationProblems, "1 or more");
        Require(SaveEvery >= 1, "saveEvery", SaveEvery, "1 or more");
        Require(MaxNewTokens >= 1, "maxNewTokens", MaxNewTokens, "1 or more");
        Require(Tasks.Count > 0, "tasks", "empty", "at least one");
        Amplification?.Validated();
        foreach (var task in Tasks) task.Validated();
        return this;
    }

    internal static void Require(bool holds, string field, object value, string range)
    {
        if (!holds) throw new ArgumentException(FormattableString.Invariant($"{field} is {value}; use {range}."));
    }
}

/// <summary>What is trained.</summary>
public enum TrainMethod
{
    /// <summary>Meta-parameters: contexts are written into adapters.</summary>
    Perk,

    /// <summary>One adapter that answers from the prompt, the baseline FT-ICR.</summary>
    Icr,
}

/// <summary>A task of a mixture.</summary>
public sealed record TaskShare
{
    private static readonly string[] Known = ["qa1", "qa2", "qa3", "order", "recall", "relation", "aggregate", "kv", "jsonl"];

    /// <summary>Its name, as in <c>perk evaluate --task</c>.</summary>
    public required string Task { get; init; }

    /// <summary>Its share, in proportion to the others'.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The shortest context, in GPT-2's tokens.</summary>
    public int MinLength { get; init; } = 128;

    /// <summary>The longest; lengths are spread evenly on a logarithmic scale.</summary>
    public int MaxLength { get; init; } = 1024;

    /// <summary>The length that <see cref="MaxLength"/> begins with and grows from over <see cref="GrowSteps"/>; null for no curriculum.</summary>
    public int? FirstMaxLength { get; init; }

    /// <summary>Outer steps until contexts of the full length are drawn.</summary>
    public int GrowSteps { get; init; }

    /// <summary>
    /// Which words the world has: train; wide (names and things out of the training books, others for each problem; never the test lists or
    /// bAbI's own), in registers for the students' names; or original (bAbI's own), in stories.
    /// </summary>
    public string World { get; init; } = "train";

    /// <summary>Questions that have no answer.</summary>
    public double Unanswerable { get; init; }

    /// <summary>The data of task jsonl.</summary>
    public string? Data { get; init; }

    /// <summary>Checks every value.</summary>
    internal void Validated()
    {
        TrainRecipe.Require(Known.Contains(Task), "tasks.task", Task, string.Join(", ", Known));
        TrainRecipe.Require(Weight is > 0 and < 1e6, "tasks.weight", Weight, "a number above 0");
        TrainRecipe.Require(MinLength >= 32, "tasks.minLength", MinLength, "32 or more");
        TrainRecipe.Require(MaxLength >= MinLength, "tasks.maxLength", MaxLength, $"minLength, {MinLength}, or more");
        TrainRecipe.Require(FirstMaxLength is null || (FirstMaxLength >= MinLength && FirstMaxLength <= MaxLength), "tasks.firstMaxLength", FirstMaxLength ?? 0, "from minLength to maxLength");
        TrainRecipe.Require(GrowSteps >= 0, "tasks.growSteps", GrowSteps, "0 or more");
        TrainRecipe.Require(World is "train" or "wide" or "original", "tasks.world", World, "train, wide or original");
        TrainRecipe.Require(Unanswerable is >= 0 and <= 1, "tasks.unanswerable", Unanswerable, "0 to 1");
        TrainRecipe.Require((Task == "jsonl") == (Data is not null), "tasks.data", Data ?? "absent", "a file for task jsonl, and for no other");
    }

    /// <summary>The longest context at a step.</summary>
    internal int MaxLengthAt(int step) => FirstMaxLength is { } first && step < GrowSteps
        ? first + (int)((long)(MaxLength - first) * step / GrowSteps)
        : MaxLength;
}

/// <summary>
/// Haystack amplification: in a share of the problems the loss of segments without facts is multiplied by u, spread evenly on a logarithmic
/// scale from 1 to the greatest. It makes the memory stand haystacks about so many times longer.
/// </summary>
/// <param name="Share">The share of problems.</param>
/// <param name="Greatest">The greatest u.</param>
public sealed record Amplification(double Share, double Greatest)
{
    internal void Validated()
    {
        TrainRecipe.Require(Share is >= 0 and <= 1, "amplification.share", Share, "0 to 1");
        TrainRecipe.Require(Greatest is >= 1 and < 1e6, "amplification.greatest", Greatest, "1 or more");
    }
}

/// <summary>A recipe cannot be followed.</summary>
/// <param name="file">The file.</param>
/// <param name="reason">What is wrong, naming the field, and what would be right.</param>
/// <param name="inner">The cause.</param>
public sealed class RecipeException(string file, string reason, Exception? inner = null) : Exception($"{file}: {reason}", inner);
