using System.Text.Json.Serialization;

namespace Perk.Core.Training;

/// <summary>A kind of text in a pretraining's mixture.</summary>
public sealed record MixtureShare
{
    /// <summary>What it is.</summary>
    public required MixtureKind Kind { get; init; }

    /// <summary>The share of sequences, in proportion to the others'.</summary>
    public required double Weight { get; init; }

    /// <summary>The first step that may draw it: a skill that the others presuppose is learnt sooner alone.</summary>
    public int From { get; init; }

    /// <summary>How much the loss of its tokens weighs: answers have few of them.</summary>
    public double LossWeight { get; init; } = 1;

    /// <summary>The longest sequence of this kind, in tokens of the model; null for the recipe's.</summary>
    public int? Tokens { get; init; }

    /// <summary>The most questions about a context, one after the other's answer; only for kinds that ask.</summary>
    public int Questions { get; init; } = 1;

    /// <summary>How much numbers, names and gold answers weigh among the tokens of an answer; only for kinds that ask.</summary>
    public double ContentWeight { get; init; } = 1;

    /// <summary>
    /// Whose words stories have, and whose names registers: the <c>train</c> lists', bAbI's <c>original</c> ones, or <c>wide</c>, words out of the books, others
    /// for each sequence; <c>all</c> draws wide for half of the sequences and any of the others for the rest.
    /// </summary>
    public string World { get; init; } = "train";

    internal void Validated(string at, int tokens)
    {
        PretrainRecipe.Require(Enum.IsDefined(Kind), $"{at}.kind", Kind, string.Join(", ", Enum.GetNames<MixtureKind>()));
        PretrainRecipe.Require(Weight is > 0 and < 1e6, $"{at}.weight", Weight, "a number above 0");
        PretrainRecipe.Require(From >= 0, $"{at}.from", From, "a step, 0 or more");
        PretrainRecipe.Require(LossWeight is > 0 and < 1e3, $"{at}.lossWeight", LossWeight, "a number above 0");
        PretrainRecipe.Require(Tokens is null || (Tokens >= 16 && Tokens <= tokens), $"{at}.tokens", Tokens ?? 0, $"16 to tokens, {tokens}");
        var tells = Kind is MixtureKind.Text or MixtureKind.StoryQuestions or MixtureKind.Retelling;
        var worlds = tells ? ["train", "original", "wide", "all"] : Kind == MixtureKind.Records ? (string[])["train", "wide", "all"] : ["train"];
        PretrainRecipe.Require(worlds.Contains(World), $"{at}.world", $"'{World}'", "train; wide or all for kinds that tell stories and for records; original for stories");
        var asks = Kind is MixtureKind.StoryQuestions or MixtureKind.Records;
        PretrainRecipe.Require(ContentWeight == 1 || (asks && ContentWeight is > 0 and < 1000), $"{at}.contentWeight", ContentWeight, "a number above 0 for story-questions and records, 1 for others");
        PretrainRecipe.Require(Questions == 1 || (asks && Questions is > 1 and <= 4), $"{at}.questions", Questions, "1 to 4 for story-questions and records, 1 for others");
    }
}

/// <summary>What a base model reads before it learns to remember.</summary>
public enum MixtureKind
{
    /// <summary>Windows of book text with facts of stories scattered in it; loss on everything.</summary>
    [JsonStringEnumMemberName("text")]
    Text,

    /// <summary>Questions about a story in the window; loss on the answers.</summary>
    [JsonStringEnumMemberName("story-questions")]
    StoryQuestions,

    /// <summary>The facts of a story, then the same in another order; loss on everything.</summary>
    [JsonStringEnumMemberName("retelling")]
    Retelling,

    /// <summary>Questions about a register in the window; loss on the answers.</summary>
    [JsonStringEnumMemberName("records")]
    Records,

    /// <summary>Comparisons of grades, majors, schools and years; loss on Yes and No.</summary>
    [JsonStringEnumMemberName("comparisons")]
    Comparisons,

    /// <summary>Random tokens, then the same again; loss the second time.</summary>
    [JsonStringEnumMemberName("copies")]
    Copies,

    /// <summary>Lines of random tokens, then again in another order; loss on their ends.</summary>
    [JsonStringEnumMemberName("lines")]
    Lines,
}
