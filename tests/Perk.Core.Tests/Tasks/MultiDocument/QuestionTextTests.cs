using Perk.Core.Tasks.MultiDocument;

namespace Perk.Core.Tests.Tasks.MultiDocument;

public sealed class QuestionTextTests
{
    [Theory]
    [InlineData("Who won?", "who")]
    [InlineData("whose cup is it", "who")]
    [InlineData("WHat is it?", "what")]
    [InlineData("What's new?", "what")]
    [InlineData("What, then?", "what")]
    [InlineData("When did it end?", "when")]
    [InlineData("Where is it?", "where")]
    [InlineData("\"Which\" one?", "which")]
    [InlineData("In which year?", "which")]
    [InlineData("How many are there?", "how-many")]
    [InlineData("For how much was it sold?", "how-many")]
    [InlineData("How did it end?", "other")]
    [InlineData("Are both of them towns?", "yes-no")]
    [InlineData("In is it?", "other")]
    [InlineData("VIVA Media AG changed its name. What is it?", "other")]
    [InlineData("?", "other")]
    public void Of_AQuestion_IsKnownByItsFirstWords(string question, string kind) => Assert.Equal(kind, QuestionKind.Of(question));

    [Theory]
    [InlineData("A ball is red. It rolls! Where?", "rolls", "It rolls!")]
    [InlineData("It was Mr. Poe of the U.S. Army, J. Poe. He left.", "Army", "It was Mr. Poe of the U.S. Army, J. Poe.")]
    [InlineData("It fell, e.g. here. It broke.", "fell", "It fell, e.g. here.")]
    [InlineData("One. Two. Three.", "e. Two. T", "One. Two. Three.")]
    [InlineData("No end", "end", "No end")]
    [InlineData("He said \"Go.\" She went.", "went", "She went.")]
    public void Around_APart_IsItsWholeSentence(string text, string part, string sentence)
    {
        var (start, length) = SentenceSpan.Around(text, text.IndexOf(part, StringComparison.Ordinal), part.Length);
        Assert.Equal(sentence, text.Substring(start, length));
    }

    [Theory]
    [InlineData("  a \t\r\n b\u00A0c\u2028 ", "a b c")]
    [InlineData("", "")]
    [InlineData(" \n", "")]
    public void Of_WhiteSpace_IsOneSpaceInside(string text, string line) => Assert.Equal(line, OneLine.Of(text));

    [Theory]
    [InlineData("It had 12 bells.", "12", true)]
    [InlineData("It had 120 bells.", "12", false)]
    [InlineData("It had 120 or 12", "12", true)]
    [InlineData("The Ann Arbor", "ann arbor", true)]
    [InlineData("Joanna", "Ann", false)]
    [InlineData("load('a')x", "load('a')", true)]
    [InlineData("anything", "", false)]
    public void HoldsWords_AnyCase_WholeWordsOnly(string text, string words, bool holds) =>
        Assert.Equal(holds, OneLine.HoldsWords(text, words));
}
