using Perk.Core.Tasks.MultiDocument;

namespace Perk.Core.Tests.Tasks.MultiDocument;

public sealed class ContextFillingTests
{
    [Theory]
    [InlineData("10,10,10", 30, "0,1,2")] // exactly
    [InlineData("10,10,10", 25, "0,1")] // the third does not fit
    [InlineData("10,20,8,9,7", 19, "0,3")] // after the first that does not fit the longest that does
    [InlineData("10,20,14,5", 18, "0,3")] // 14 in the place of 10 would be one too many
    [InlineData("10,30,12", 12, "2")] // the first is exchanged
    [InlineData("10,10", 21, null)] // the candidates end
    [InlineData("", 1, null)]
    [InlineData("", 0, "")]
    [InlineData("10", 0, "")]
    public void Fill_CandidatesOfSomeLengths_LeavesLittleRoom(string lengths, int room, string? taken)
    {
        var pool = Pool(lengths.Length == 0 ? [9] : [.. lengths.Split(',').Select(int.Parse)]);
        var candidates = Enumerable.Range(0, lengths.Length == 0 ? 0 : pool.Count);
        var filled = ContextFilling.Fill(pool, candidates, room);
        Assert.Equal(taken, filled is null ? null : string.Join(',', filled));
    }

    /// <summary>Paragraphs that cost so many tokens, their separator included.</summary>
    private static ParagraphPool Pool(int[] costs)
    {
        var texts = costs.Select((cost, i) => (char)('A' + i) + string.Concat(Enumerable.Repeat(" a", cost - 3)));
        Paragraph[] paragraphs = [.. texts.Select(text => new Paragraph(null, text))];
        var question = new DocumentQuestion { Kind = "who", Text = "Who?", Answers = ["A"], Gold = paragraphs };
        var pool = new ParagraphPool(new QuestionSet("file", [question], DroppedRows.Count("", 0)));
        Assert.Equal(costs, Enumerable.Range(0, pool.Count).Select(pool.Cost));
        return pool;
    }
}
