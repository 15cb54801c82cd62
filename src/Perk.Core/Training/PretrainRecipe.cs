using System.Text.Json;
using Perk.Core.Models;

namespace Perk.Core.Training;

/// <summary>A pretraining as a committed file: everything that decides its result but the books.</summary>
public sealed record PretrainRecipe
{
    /// <summary>Its name, of lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>How many of GPT-2's merges the tokenizer has.</summary>
    public int Merges { get; init; } = 1791;

    /// <summary>The model.</summary>
    public PretrainModel Model { get; init; } = new();

    /// <summary>Books, by file name without extension, that no training text comes from.</summary>
    public IReadOnlyList<string> HeldOutBooks { get; init; } = [];

    /// <summary>What is read, in shares.</summary>
    public required IReadOnlyList<MixtureShare> Mixture { get; init; }

    /// <summary>Steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Sequences a step.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Threads that share the micro-batches of a step; the result is the same for any number.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>The longest sequence, in tokens of the model.</summary>
    public int Tokens { get; init; } = 512;

    /// <summary>The greatest rate of AdamW, after the warm-up.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Steps over which the rate rises from 0.</summary>
    public int Warmup { get; init; } = 50;

    /// <summary>What the cosine ends at, as a share of the rate.</summary>
    public double FinalShare { get; init; } = 0.05;

    /// <summary>Decoupled weight decay of the matrices.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Decides the initial weights and what is read.</summary>
    public long Seed { get; init; }

    /// <summary>Steps between two saved states.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>Threads of the computation, on which the result's last digits depend; null for as many as there are processors.</summary>
    public int? Threads { get; init; }

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="RecipeException">It cannot be read, or a field is unknown, missing or out of range; the message names file and field.</exception>
    public static PretrainRecipe Read(string path)
    {
        try
        {
            return StrictJson.Read<PretrainRecipe>(File.ReadAllBytes(path)).Validated();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new RecipeException(path, e.Message, e);
        }
    }

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentException">One is out of range; the message names it and the range.</exception>
    public PretrainRecipe Validated()
    {
        Require(Name.Length is > 0 and <= 64 && Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'), "name", $"'{Name}'", "lower-case letters, digits and hyphens");
        Require(Merges is >= 0 and <= Gpt2Merges.All, "merges", Merges, $"0 to {Gpt2Merges.All}");
        Model.Validated();
        Require(Mixture.Count > 0, "mixture", "empty", "at least one kind");
        Require(Steps is >= 1 and <= 10_000_000, "steps", Steps, "1 to 10000000");
        Require(Batch is >= 1 and <= 4096 && (long)Batch * Steps <= int.MaxValue, "batch", Batch, "1 to 4096, and steps × batch below 2³¹");
        Require(Workers is >= 1 and <= 256, "workers", Workers, "1 to 256");
        Require(Tokens >= 16 && Tokens <= Model.MaxPositions, "tokens", Tokens, $"16 to model.maxPositions, {Model.MaxPositions}");
        Require(LearningRate is > 0 and < 1, "learningRate", LearningRate, "a number above 0 and below 1");
        Require(Warmup >= 0 && Warmup < Steps, "warmup", Warmup, $"0 to below steps, {Steps}");
        Require(FinalShare is >= 0 and <= 1, "finalShare", FinalShare, "0 to 1");
        Require(WeightDecay is >= 0 and <= 10, "weightDecay", WeightDecay, "0 to 10");
        Require(CheckpointEvery >= 1, "checkpointEvery", CheckpointEvery, "1 or more");
        Require(Threads is null or (>= 1 and <= 1024), "threads", Threads ?? 0, "1 to 1024, or none");
        Require(Mixture.Any(share => share.From == 0), "mixture", "nothing from step 0", "at least one kind without from");
        for (var i = 0; i < Mixture.Count; i++) Mixture[i].Validated($"mixture[{i}]", Tokens);
        return this;
    }

    /// <summary>The rate of a step, counted from 0: a warm-up, then a cosine, in steps and never in time.</summary>
    public double RateAt(int step)
    {
        var warm = Warmup == 0 ? 1 : Math.Min(1, (step + 1.0) / Warmup);
        var done = Math.Clamp((step - Warmup) / (double)Math.Max(1, Steps - Warmup), 0, 1);
        return LearningRate * warm * (FinalShare + (1 - FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * done)));
    }

    internal static void Require(bool holds, string field, object value, string range) => TrainRecipe.Require(holds, field, value, range);
}

/// <summary>The shape of a model in Qwen2's configuration, with a tied head.</summary>
public sealed record PretrainModel
{
    /// <summary>D: width of the residual stream.</summary>
    public int HiddenSize { get; init; } = 128;

    /// <summary>Number of layers.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Query heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Width of a head; null for <see cref="HiddenSize"/> shared among the heads.</summary>
    public int? HeadSize { get; init; }

    /// <summary>Key/value heads.</summary>
    public int KeyValueHeads { get; init; } = 4;

    /// <summary>Width of the MLP.</summary>
    public int IntermediateSize { get; init; } = 352;

    /// <summary>The longest sequence, in tokens.</summary>
    public int MaxPositions { get; init; } = 1024;

    /// <summary>Base of the rotary embedding.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>How many heads of the first layer begin as those of induction, which copies from the window; 4 with those that look for several tokens at once.</summary>
    public int InductionHeads { get; init; }

    internal void Validated()
    {
        PretrainRecipe.Require(Layers is >= 1 and <= 256, "model.layers", Layers, "1 to 256");
        PretrainRecipe.Require(Heads is >= 1 and <= 256, "model.heads", Heads, "1 to 256");
        PretrainRecipe.Require(HiddenSize is >= 2 and <= 16384 && (HeadSize is not null || HiddenSize % (2 * Heads) == 0), "model.hiddenSize", HiddenSize, $"2 to 16384, and a multiple of 2 × model.heads, {2 * Heads}, where there is no model.headSize");
        PretrainRecipe.Require(HeadSize is null || (HeadSize is >= 2 and <= 1024 && HeadSize % 2 == 0), "model.headSize", HeadSize ?? 0, "an even number from 2 to 1024, or none");
        PretrainRecipe.Require(
            InductionHeads == 0 || (InductionHeads is 1 or 2 or 4 && InductionHeads <= Heads && Heads == KeyValueHeads && Layers >= 2 && Math.Min(InductionHeads, 2) * Width <= HiddenSize),
            "model.inductionHeads", InductionHeads,
            "0; or 1, 2 or 4, at most model.heads, where model.keyValueHeads are as many, model.layers at least 2 and model.hiddenSize the width of two heads");
        PretrainRecipe.Require(KeyValueHeads >= 1 && Heads % KeyValueHeads == 0, "model.keyValueHeads", KeyValueHeads, $"a divisor of model.heads, {Heads}");
        PretrainRecipe.Require(IntermediateSize is >= 1 and <= 65536, "model.intermediateSize", IntermediateSize, "1 to 65536");
        PretrainRecipe.Require(MaxPositions is >= 16 and <= 131072, "model.maxPositions", MaxPositions, "16 to 131072");
        PretrainRecipe.Require(RopeTheta is > 1 and < 1e12, "model.ropeTheta", RopeTheta, "a number above 1");
    }

    private int Width => HeadSize ?? HiddenSize / Heads;

    internal LlamaConfig Config(int vocabularySize) => new()
    {
        VocabularySize = vocabularySize,
        HiddenSize = HiddenSize,
        IntermediateSize = IntermediateSize,
        Layers = Layers,
        Heads = Heads,
        KeyValueHeads = KeyValueHeads,
        HeadSize = Width,
        MaxPositions = MaxPositions,
        NormEpsilon = 1e-6,
        RopeTheta = RopeTheta,
        TieEmbeddings = true,
        QueryKeyValueBias = true,
        OutputBias = false,
    };
}
