using Perk.Core.Tasks.MultiDocument;

namespace Perk.Core.Tests.Tasks.MultiDocument;

public sealed class HotpotQaFileTests
{
    private const string Official =
        """
        [{"_id": "a", "question": "Which is older,  A or B?", "answer": "A", "type": "comparison",
          "supporting_facts": [["A", 0], ["B", 1], ["B", 7], ["A", 0]],
          "context": [["C", ["C is new."]], ["A", ["A is old.", " It stands."]], ["Empty", []], ["B", ["B is a house", ".\n", "It is younger."]]]}]
        """;

    private const string HuggingFace =
        """
        [{"id": "a", "question": "Which is older,  A or B?", "answer": "A", "type": "comparison", "level": "hard",
          "supporting_facts": {"title": ["A", "B", "B", "A"], "sent_id": [0, 1, 7, 0]},
          "context": {"title": ["C", "A", "Empty", "B"],
            "sentences": [["C is new."], ["A is old.", " It stands."], [], ["B is a house", ".\n", "It is younger."]]}}]
        """;

    [Theory]
    [InlineData(Official)]
    [InlineData(HuggingFace)]
    public void Read_EitherLayout_GivesTheSameQuestion(string json)
    {
        var question = Assert.Single(DataFiles.Read(HotpotQaFile.Read, json).Questions);
        Assert.Equal(("which", "Which is older, A or B?"), (question.Kind, question.Text));
        Assert.Equal(["A"], question.Answers);
        Assert.Equal(["A: A is old. It stands.", "B: B is a house. It is younger."], question.Gold.Select(g => g.Block));
        Assert.Equal(["C: C is new."], question.Distractors.Select(d => d.Block));
        Assert.Equal(["A is old.", "."], DataFiles.SupportOf(question)); // B's sentence 7 does not exist
    }

    [Fact]
    public void Read_RealRows_HoldTheirAnswersAndSupport()
    {
        var set = HotpotQaFile.Read(DataFiles.HotpotQa);
        Assert.Equal((10, 0), (set.Count, set.Dropped.Count));
        Assert.All(set.Questions, q =>
        {
            Assert.Equal(2, q.Gold.Count);
            Assert.Equal(8, q.Distractors.Count);
            Assert.InRange(q.Support.Count, 2, 8);
            if (q.Answers[0] is not ("yes" or "no")) Assert.Contains(q.Gold, g => g.Text.Contains(q.Answers[0]));
        });
        Assert.Equal(2, set.Questions.Count(q => q.Answers[0] is "yes" or "no"));
        Assert.Equal(
            ["VIVA Media GmbH (until 2004 \"VIVA Media AG\") is a music television network originating from Germany."],
            DataFiles.SupportOf(set.Questions[0]).Take(1));
    }

    [Fact]
    public void Read_RowsWithoutTheirSupportingParagraphs_AreDroppedAndCounted()
    {
        var other = Official.Replace("[\"A\", 0]", "[\"Elsewhere\", 0]", StringComparison.Ordinal);
        var none = Official.Replace("[[\"A\", 0], [\"B\", 1], [\"B\", 7], [\"A\", 0]]", "[]", StringComparison.Ordinal);
        var set = DataFiles.Read(HotpotQaFile.Read, Joined(Official, other, none));
        Assert.Equal((1, 2), (set.Count, set.Dropped[HotpotQaFile.NoGold]));
        Assert.Equal(
            $"holds no question that can be answered. 1 dropped: {HotpotQaFile.NoGold}.",
            DataFiles.ErrorOf(HotpotQaFile.Read, other));
    }

    [Theory]
    [InlineData("\"question\"", "\"query\"", "row 2: question is missing; expected text.")]
    [InlineData("\"answer\": \"A\"", "\"answer\": \" \"", "row 2, answer: is blank; expected text.")]
    [InlineData("\"answer\": \"A\"", "\"answer\": 5", "row 2, answer: is a number; expected text.")]
    [InlineData("\"answer\": \"A\"", "\"answer\": \"\\ud800\"", "row 2, answer: holds half a surrogate pair; expected Unicode text.")]
    [InlineData("\"context\"", "\"contexts\"", "row 2: context is missing; expected [title, [sentence, …]] pairs, or an object of the lists title and sentences.")]
    [InlineData("[\"C is new.\"]", "\"C is new.\"", "row 2, context[0][1]: is text; expected a list of sentences.")]
    [InlineData("[\"C is new.\"]", "[3]", "row 2, context[0][1][0]: is a number; expected text.")]
    [InlineData("[\"B\", 7]", "[\"B\"]", "row 2, supporting_facts[2]: does not have two entries; expected [title, sentence number] pairs, or an object of the lists title and sent_id.")]
    [InlineData("[\"B\", 7]", "[\"B\", 0.5]", "row 2, supporting_facts[2][1]: is 0.5; expected a whole number.")]
    public void Read_OneBadRow_NamesRowAndField(string from, string to, string message) => Assert.Equal(
        message, DataFiles.ErrorOf(HotpotQaFile.Read, Joined(Official, Official.Replace(from, to, StringComparison.Ordinal))));

    [Fact]
    public void Read_ListsOfDifferentLengths_NamesThem() => Assert.Equal(
        "row 1, supporting_facts: has 4 title and 3 sent_id; expected as many.",
        DataFiles.ErrorOf(HotpotQaFile.Read, HuggingFace.Replace("[0, 1, 7, 0]", "[0, 1, 7]", StringComparison.Ordinal)));

    [Theory]
    [InlineData("", "is empty; expected a JSON list of rows, or one JSON object a line.")]
    [InlineData("[]", "holds no question that can be answered.")]
    [InlineData("[5]", "row 1: is a number; expected an object.")]
    [InlineData("[{\"question\": \"a\"},", "is not JSON; expected a JSON list of rows, or one JSON object a line.")]
    [InlineData("{}\n\n{\"question\": \"a\"", "line 3: is not JSON; expected a JSON list of rows, or one JSON object a line.")]
    [InlineData("{}\n{}", "line 1: question is missing; expected text.")]
    public void Read_WhatIsNoListOfRows_SaysSo(string text, string message) =>
        Assert.StartsWith(message, DataFiles.ErrorOf(HotpotQaFile.Read, text), StringComparison.Ordinal);

    private static string Joined(params string[] lists) => $"[{string.Join(',', lists.Select(l => l.Trim()[1..^1]))}]";
}
