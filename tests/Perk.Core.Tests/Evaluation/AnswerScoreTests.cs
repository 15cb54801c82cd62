using CsCheck;
using Perk.Core.Evaluation;

namespace Perk.Core.Tests.Evaluation;

/// <summary>Scores worked out by hand.</summary>
public sealed class AnswerScoreTests
{
    [Theory]
    [InlineData("The Garden.", "garden")]
    [InlineData("  a   CAT\tan \n the dog ", "cat dog")]
    [InlineData("theatre analysis another", "theatre analysis another")] // articles are words, not beginnings of words
    [InlineData("co-op", "coop")]
    [InlineData("49.3", "493")]
    [InlineData("\"golden anniversary\"", "golden anniversary")]
    [InlineData("“Café” — l’été…", "café lété")]
    [InlineData("Cafe\u0301", "café")] // an accent of its own
    [InlineData("ＦＵＬＬ　１２", "full 12")] // full width, ideographic space
    [InlineData("ﬁrst", "first")]
    [InlineData("¿Dónde? ¡Aquí!", "dónde aquí")]
    [InlineData("$5 + €3 = <8>", "5 €3 8")] // ASCII signs go, as in the official script; other currencies stay
    [InlineData("北京。", "北京")]
    [InlineData("The", "")]
    [InlineData("?!", "")]
    [InlineData("", "")]
    [InlineData("A.A. Milne", "aa milne")]
    [InlineData("the U.S.A", "usa")]
    public void Normalise_Text_IsAsWorkedOutByHand(string text, string expected) => Assert.Equal(expected, AnswerText.Normalise(text));

    [Theory]
    [InlineData("garden", "garden", true, 1.0, true)]
    [InlineData("the Garden!", "garden", true, 1.0, true)]
    [InlineData("in the garden", "garden", false, 2.0 / 3, true)] // words: in, garden
    [InlineData("kitchen", "garden", false, 0.0, false)]
    [InlineData("", "garden", false, 0.0, false)]
    [InlineData("the", "garden", false, 0.0, false)]
    [InlineData("garden garden", "garden", false, 2.0 / 3, true)] // the second is no further match
    [InlineData("Denver Broncos", "The Denver Broncos", true, 1.0, true)]
    [InlineData("Broncos of Denver", "Denver Broncos", false, 0.8, false)] // 2 of 3 and 2 of 2
    [InlineData("Santa Clara, California, in 2016", "Santa Clara, California", false, 0.75, true)] // 3 of 5, 3 of 3
    [InlineData("gardens", "garden", false, 0.0, true)] // SubEM compares characters, as its paper does
    [InlineData("no", "north", false, 0.0, false)]
    [InlineData("1,000", "1000", true, 1.0, true)]
    [InlineData("yes", "Yes.", true, 1.0, true)]
    [InlineData("É", "e\u0301", true, 1.0, true)]
    [InlineData("the", "The", true, 1.0, true)] // a gold answer that normalises to nothing
    [InlineData("", "The", false, 0.0, false)]
    [InlineData("a", "The", false, 0.0, false)]
    [InlineData("?", "?", true, 1.0, true)]
    [InlineData("", "", false, 0.0, false)]
    [InlineData("new york city", "york new", false, 0.8, false)]
    public void Of_OneGoldAnswer_IsAsWorkedOutByHand(string answer, string gold, bool exact, double f1, bool contained)
    {
        var score = AnswerScore.Of(answer, [gold]);
        Assert.Equal((exact, contained), (score.ExactMatch, score.SubEM));
        Assert.Equal(f1, score.TokenF1, 12);
    }

    [Fact]
    public void Of_SeveralGoldAnswers_TakesTheBestOfEach()
    {
        Assert.Equal(new AnswerScore(true, 1, true), AnswerScore.Of("NYC", ["New York City", "nyc"]));
        Assert.Equal(new AnswerScore(false, 0.8, false), AnswerScore.Of("New York", ["the York", "New York City"]) with { SubEM = false });
        Assert.Equal(new AnswerScore(false, 0, false), AnswerScore.Of("Boston", ["New York City", "NYC"]));
    }

    [Fact]
    public void Of_AnyText_IsWithinBoundsAndRightOfItself() => Gen.Select(Texts.Any, Texts.Any).Sample(
        (answer, gold) =>
        {
            var score = AnswerScore.Of(answer, [gold]);
            Assert.InRange(score.TokenF1, 0, 1);
            if (score.ExactMatch) Assert.Equal((1.0, true), (score.TokenF1, score.SubEM));
            if (answer.Trim().Length > 0) Assert.True(AnswerScore.Of(answer, [answer]).ExactMatch);
            Assert.Equal(AnswerText.Normalise(answer), AnswerText.Normalise(AnswerText.Normalise(answer)));
        },
        iter: 500);

    [Fact]
    public void Support_Lines_AreComparedAsSets()
    {
        string[] gold = ["Mary Event 3: Mary got the milk.", "Mary Event 4: Mary went to the garden."];
        Assert.Equal(new SupportScore(1, 1), SupportScore.Of(gold.Reverse(), gold));
        Assert.Equal(new SupportScore(0.5, 0.5), SupportScore.Of(["mary event 3 mary got milk", "Mary Event 5: Mary left."], gold));
        Assert.Equal(new SupportScore(1, 0.5), SupportScore.Of([gold[0], gold[0]], gold)); // said twice is said once
        Assert.Equal(new SupportScore(0, 0), SupportScore.Of([], gold));
        Assert.Equal(new SupportScore(0, 0), SupportScore.Of(["the"], gold));
        Assert.Null(SupportScore.Of(gold, []));
    }
}
