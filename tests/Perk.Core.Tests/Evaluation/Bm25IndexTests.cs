using Perk.Core.Documents;
using Perk.Core.Evaluation;

namespace Perk.Core.Tests.Evaluation;

public sealed class Bm25IndexTests
{
    private static readonly Segment[] Segments =
    [
        new(0, 0, "The whale was white and very large. The sea was calm.", 0),
        new(1, 60, "Student <3109998>, Name: Alison Keith, Grade: 72", 0),
        new(2, 120, "She walked in the garden with her sister; walking pleased her.", 0),
        new(3, 190, "The garden is the garden of a garden.", 0),
    ];

    [Theory]
    [InlineData("What is the grade of the student with ID 3109998?", 1)]
    [InlineData("Who walks?", 2)] // by the stem
    [InlineData("Where is the garden?", 3)] // more often, and shorter
    [InlineData("A white whale, WHITE!", 0)]
    public void Search_Question_FindsItsSegmentFirst(string question, int expected)
    {
        using var index = new Bm25Index(Segments);
        Assert.Equal(expected, index.Search(question, 5)[0]);
    }

    [Fact]
    public void Search_NothingInCommonOrStopWordsOnly_FindsNothing()
    {
        using var index = new Bm25Index(Segments);
        Assert.Empty(index.Search("kubernetes", 5));
        Assert.Empty(index.Search("is it the?", 5));
        Assert.Empty(index.Search("", 5));
    }

    [Fact]
    public void Search_ManyHits_GivesAtMostAsManyAsAskedFor()
    {
        using var index = new Bm25Index(Enumerable.Range(0, 50).Select(i => new Segment(i, i, $"garden number {i}", 0)));
        Assert.Equal(7, index.Search("garden", 7).Count);
    }
}
