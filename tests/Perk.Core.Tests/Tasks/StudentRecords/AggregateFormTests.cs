using Perk.Core.Tasks.StudentRecords;

namespace Perk.Core.Tests.Tasks.StudentRecords;

public sealed class AggregateFormTests
{
    [Theory]
    [InlineData("50.0", 50)]
    [InlineData("0.0", 0, 0)]
    [InlineData("100.0", 100)]
    [InlineData("49.3", 49, 49, 50)]
    [InlineData("0.3", 0, 0, 0, 1)] // 0.25: halves away from zero
    [InlineData("50.8", 50, 51, 51, 51)] // 50.75
    [InlineData("66.7", 66, 67, 67)]
    public void Ask_Average_HasOneDecimalPlaceHalvesAwayFromZero(string average, params int[] grades)
    {
        var register = grades.Select((g, i) => new StudentRecord($"{1000000 + i}", "A B", "Junior", "S", "M", g)).ToList();
        var question = AggregateForm.Forms.Single(f => f.Kind == "aggregate-average").Ask(register);
        Assert.Equal(average, question.Answer);
        Assert.Empty(question.Support);
    }
}
