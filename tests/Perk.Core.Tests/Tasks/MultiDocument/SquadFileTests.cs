using Perk.Core.Tasks;
using Perk.Core.Tasks.MultiDocument;

namespace Perk.Core.Tests.Tasks.MultiDocument;

public sealed class SquadFileTests
{
    /// <summary>The second 1 is the one that answers; a line end, two spaces and a character beyond 16 bits stand before it.</summary>
    private const string Official =
        """
        {"version": "v2.0", "data": [{"title": "Big_Ball", "paragraphs": [{
          "context": "A 🙂 ball is 1.\nIt was  made in 1 day by Mr. Poe. It rolls.", "qas": [
          {"id": "1", "question": "How many days did it take?", "is_impossible": false,
           "answers": [{"text": "1", "answer_start": 31}, {"text": "1 day", "answer_start": 31}, {"text": "1", "answer_start": 31}]},
          {"id": "2", "question": "Who broke it?", "is_impossible": true, "answers": [],
           "plausible_answers": [{"text": "Mr. Poe", "answer_start": 40}]}]}]}]}
        """;

    private const string Flat =
        """
        [{"title": "Ball", "context": "A ball is red. It rolls.",
          "questions": [{"question": "What is red?", "answer": "A ball"}, {"question": "Is it?", "answers": ["It", "a ball"]}]},
         {"title": "None", "context": "Nobody asks.", "questions": []}]
        """;

    [Fact]
    public void Read_OfficialForm_GivesAnswersSentencesAndImpossibleQuestions()
    {
        var set = DataFiles.Read(SquadFile.Read, Official);
        Assert.Equal(2, set.Count);
        var (days, broke) = (set.Questions[0], set.Questions[1]);
        Assert.Equal(["Big Ball: A 🙂 ball is 1. It was made in 1 day by Mr. Poe. It rolls."], days.Gold.Select(g => g.Block));
        Assert.Equal(("how-many", false), (days.Kind, days.Impossible));
        Assert.Equal(["1", "1 day"], days.Answers);
        Assert.Equal(["It was made in 1 day by Mr. Poe."], DataFiles.SupportOf(days));
        Assert.Equal(("who", true), (broke.Kind, broke.Impossible));
        Assert.Equal([UnknownAnswer.Text], broke.Answers);
        Assert.Empty(broke.Support);
        Assert.Equal(days.Gold, broke.Gold);
    }

    [Fact]
    public void Read_FlatList_LocatesAnswersThatOccurOnce()
    {
        var set = DataFiles.Read(SquadFile.Read, Flat);
        Assert.Equal(["A ball", "It"], set.Questions.Select(q => q.Answers[0]));
        Assert.Equal(["A ball is red.", "It rolls."], set.Questions.SelectMany(DataFiles.SupportOf));
        Assert.Equal(["None: Nobody asks."], set.Fillers.Select(f => f.Block));
        var twice = DataFiles.Read(SquadFile.Read, Flat.Replace("It rolls", "It is red, A ball", StringComparison.Ordinal));
        Assert.Empty(twice.Questions[0].Support);
    }

    [Fact]
    public void Read_AnswerStartThatIsNotTheAnswer_LeavesSupportToItsOnlyPlace()
    {
        var wrong = Official.Replace("\"1\", \"answer_start\": 31", "\"rolls\", \"answer_start\": 3", StringComparison.Ordinal);
        var set = DataFiles.Read(SquadFile.Read, wrong);
        Assert.Equal(["It rolls."], DataFiles.SupportOf(set.Questions[0]));
    }

    [Fact]
    public void Read_RealParagraphs_HoldEveryAnswer()
    {
        var set = SquadFile.Read(DataFiles.Squad);
        Assert.Equal(106, set.Count);
        Assert.All(set.Questions, q => Assert.Contains(q.Answers[0], q.Gold[0].Text, StringComparison.Ordinal));
        var supported = set.Questions.Where(q => q.Support.Count > 0).ToArray();
        Assert.InRange(supported.Length, 80, 105);
        Assert.All(supported, q => Assert.Contains(q.Answers[0], DataFiles.SupportOf(q).Single(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"data\"", "\"rows\"", "data is missing; expected SQuAD's {\"data\": […]}, or a list of {title, context, questions}.")]
    [InlineData("\"paragraphs\"", "\"texts\"", "data[0]: paragraphs is missing; expected a list of paragraphs.")]
    [InlineData("\"qas\"", "\"questions\"", "data[0], paragraphs[0]: qas is missing; expected a list of questions.")]
    [InlineData("\"Who broke it?\"", "null", "data[0], paragraphs[0], qas[1]: question is missing; expected text.")]
    [InlineData("\"is_impossible\": true", "\"is_impossible\": false", "data[0], paragraphs[0], qas[1]: answers is empty; expected at least one, or is_impossible: true.")]
    [InlineData("\"is_impossible\": true", "\"is_impossible\": 1", "data[0], paragraphs[0], qas[1], is_impossible: is a number; expected true or false.")]
    [InlineData("\"1 day\", \"answer_start\": 31", "\"1 day\", \"answer_start\": -1", "data[0], paragraphs[0], qas[0], answers[1], answer_start: is -1; expected 0 or more.")]
    [InlineData("\"1 day\", \"answer_start\": 31", "\"1 day\", \"answer_start\": 99", "data[0], paragraphs[0], qas[0], answers[1], answer_start: is 99; the paragraph has 58 characters.")]
    public void Read_OneBadField_NamesItsPlace(string from, string to, string message) =>
        Assert.Equal(message, DataFiles.ErrorOf(SquadFile.Read, Official.Replace(from, to, StringComparison.Ordinal)));

    [Fact]
    public void Read_FlatRowWithoutContext_NamesTheRow() => Assert.Equal(
        "row 2: context is missing; expected text.",
        DataFiles.ErrorOf(SquadFile.Read, Flat.Replace("\"context\": \"Nobody", "\"text\": \"Nobody", StringComparison.Ordinal)));

    [Fact]
    public void Read_OnlyImpossibleQuestions_HasNothingToAnswer() => Assert.Equal(
        "holds no question that can be answered.",
        DataFiles.ErrorOf(SquadFile.Read, Official.Replace("\"is_impossible\": false", "\"is_impossible\": true", StringComparison.Ordinal)));
}
