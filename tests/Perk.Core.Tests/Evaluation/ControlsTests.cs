using Perk.Core.Evaluation;
using Perk.Core.Tasks;

namespace Perk.Core.Tests.Evaluation;

/// <summary>What one scores who has read nothing.</summary>
public sealed class ControlsTests
{
    [Fact]
    public void Blind_EachKind_GuessesItsMostFrequentTrainingAnswer()
    {
        var blind = new BlindGuess(
        [
            new("where", "garden"), new("where", "kitchen"), new("where", "The garden."), new("who", "Mary"), new("who", "Mary"), new("who", "John"), new("who", "Mary"),
        ]);
        Assert.Equal("garden", blind.For("where", 0));
        Assert.Equal("Mary", blind.For("who", 0));
        Assert.Equal("Mary", blind.For("when", 0)); // no such kind in training: the most frequent of all
        Assert.Equal("", new BlindGuess([]).For("where", 0));
    }

    [Fact]
    public void Blind_TrainingFromTheSameFile_LeavesTheProblemsOwnAnswersOut()
    {
        var blind = new BlindGuess([new("who", "Mary", 1), new("who", "Mary", 1), new("who", "John", 2), new("what", "milk", 3)]);
        Assert.Equal("John", blind.For("who", 1));
        Assert.Equal("Mary", blind.For("who", 2));
        Assert.Equal("Mary", blind.For("what", 3)); // its only answer is its own
    }

    [Fact]
    public void Blind_Tie_IsDecidedByTheAlphabet() =>
        Assert.Equal("garden", new BlindGuess([new("where", "kitchen"), new("where", "garden")]).For("where", 0));

    [Fact]
    public void Constant_WithHindsight_IsRightAsOftenAsAnyOneAnswerCanBe()
    {
        EvaluationRow[] rows = [Row(0, "where", "garden"), Row(1, "where", "kitchen", "garden"), Row(2, "where", "office"), Row(3, "who", "Mary")];
        var constant = BestConstant.Rows(rows);
        Assert.Equal([true, true, false, true], constant.Select(r => r.ExactMatch));
        Assert.Equal(["garden", "garden", "garden", "mary"], constant.Select(r => r.Answer));
        Assert.All(constant, r => Assert.Equal(BestConstant.Name, r.Method));
    }

    [Fact]
    public void Methods_Names_AreUniqueAndParse()
    {
        Assert.Distinct(EvaluationMethod.All.Select(m => m.Name));
        Assert.All(EvaluationMethod.All, m => Assert.Same(m, EvaluationMethod.Parse(m.Name)));
        Assert.Contains("use perk, icr, prompt, none, swap, bm25, hybrid", Assert.Throws<ArgumentException>(() => EvaluationMethod.Parse("rag")).Message, StringComparison.Ordinal);
        Assert.Equal("swap", EvaluationMethod.Perk.Control().Name);
        Assert.Equal("prompt-swap", EvaluationMethod.Prompt.Control().Name);
    }

    private static EvaluationRow Row(int context, string kind, params string[] gold) => new()
    {
        Context = context,
        Number = 0,
        Method = BlindGuess.Name,
        Kind = kind,
        Answerability = Answerability.Answerable,
        Question = "?",
        Gold = gold,
        Answer = "",
        GoldSupport = [],
        Support = [],
        Depth = [],
        ExactMatch = false,
        TokenF1 = 0,
        SubEM = false,
    };
}
