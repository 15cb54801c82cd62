using Perk.Core.Tasks.MultiDocument;

namespace Perk.Core.Tests.Tasks.MultiDocument;

public sealed class NaturalQuestionsFileTests
{
    private const string Retrieved =
        """
        {"question": "who won the cup", "answers": ["Ann"],
         "ctxs": [{"title": "Cup", "text": "Bob held it.", "hasanswer": false}, {"title": "", "text": "It was Ann.", "hasanswer": true}]
        """;

    private static readonly string Row = Retrieved.ReplaceLineEndings("");

    [Fact]
    public void Read_GoldAmongOthers_TakesTheMarkedOneAndItsSentence()
    {
        var set = DataFiles.Read(NaturalQuestionsFile.Read, DataFiles.LostInTheMiddle(3));
        var question = set.Questions[2];
        Assert.Equal((3, "how-many", "how many bells has tower 2"), (set.Count, question.Kind, question.Text));
        Assert.Equal(["7002", "7002 bells"], question.Answers);
        Assert.Equal(["Tower 2: Tower 2 is old. It has 7002 bells, as Mr. Poe says. It is tall."], question.Gold.Select(g => g.Block));
        Assert.Equal(["House 2 left", "House 2 right"], question.Distractors.Select(d => d.Title));
        Assert.Equal(["It has 7002 bells, as Mr. Poe says."], DataFiles.SupportOf(question));
    }

    [Fact]
    public void Read_RetrievedParagraphsOnly_TakesTheAnnotatedOneElseTheFirstWithAnAnswer()
    {
        var gold = """{"title": "Cup", "long_answer": "Long. Ann won.", "chunked_long_answer": "Ann won."}""";
        var annotated = $$"""{{Row}}, "nq_annotated_gold": {{gold}}}""";
        var question = Assert.Single(DataFiles.Read(NaturalQuestionsFile.Read, annotated).Questions);
        Assert.Equal(["Cup: Ann won."], question.Gold.Select(g => g.Block));
        Assert.Equal(["Cup: Bob held it."], question.Distractors.Select(g => g.Block)); // the other one has an answer
        question = Assert.Single(DataFiles.Read(NaturalQuestionsFile.Read, Row + "}").Questions);
        Assert.Equal(["It was Ann."], question.Gold.Select(g => g.Block));
    }

    [Fact]
    public void Read_RowsWithoutGold_AreDroppedAndCounted()
    {
        var none = Row.Replace("true", "false", StringComparison.Ordinal) + "}";
        var set = DataFiles.Read(NaturalQuestionsFile.Read, $"{none}\n{Row}}}\r\n{none}\n");
        Assert.Equal((1, 2), (set.Count, set.Dropped[NaturalQuestionsFile.NoGold]));
    }

    [Theory]
    [InlineData("""{"question": "who won", "answer": ["Ann"]}""", "ctxs is missing: a file of questions and answers alone has no documents; expected the form of Lost in the Middle")]
    [InlineData("""{"question": "who won", "ctxs": []}""", "answers is missing; expected a list of answers.")]
    [InlineData("""{"question": "who won", "answers": [], "ctxs": []}""", "answers is empty; expected at least one.")]
    [InlineData("""{"question": "who won", "answers": [1], "ctxs": []}""", "answers[0]: is a number; expected text.")]
    [InlineData("""{"question": "who won", "answers": ["a"], "ctxs": [{"isgold": true}]}""", "ctxs[0]: text is missing; expected text.")]
    [InlineData("""{"question": "who won", "answers": ["a"], "nq_annotated_gold": {}}""", "nq_annotated_gold: long_answer is missing; expected text.")]
    public void Read_OneBadLine_NamesLineAndField(string row, string message)
    {
        var error = DataFiles.ErrorOf(NaturalQuestionsFile.Read, $"{DataFiles.LostInTheMiddle(1)}{row}\n");
        Assert.StartsWith("line 2", error, StringComparison.Ordinal);
        Assert.StartsWith(message, error["line 2, ".Length..].TrimStart(), StringComparison.Ordinal);
    }
}
