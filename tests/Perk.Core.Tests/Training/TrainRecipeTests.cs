using Perk.Core.Training;

namespace Perk.Core.Tests.Training;

public sealed class TrainRecipeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_SmallestRecipe_HasTheStandardValues()
    {
        var recipe = Read("""{ "tasks": [ { "task": "qa1" } ] } // comments are welcome""");
        Assert.Equal((8, 4, 64), (recipe.Problems, recipe.Questions, recipe.SegmentTokens));
    }

    [Theory]
    [InlineData("{}", "tasks")]
    [InlineData("""{ "tasks": [] }""", "tasks is empty")]
    [InlineData("""{ "tasks": [{"task":"qa9"}] }""", "tasks.task is qa9; use qa1")]
    [InlineData("""{ "tasks": [{"task":"qa1","maxLength":64}] }""", "tasks.maxLength is 64; use minLength, 128")]
    [InlineData("""{ "tasks": [{"task":"qa1"}], "learningRate": 1 }""", "learningRate")]
    [InlineData("""{ "tasks": [{"task":"qa1"}], "outer": {"learningRate": 0} }""", "LearningRate is 0")]
    [InlineData("""{ "tasks": [{"task":"qa1"}], "inner": {"steps": 2}, "outer": {"unrolledSteps": 3} }""", "outer.unrolledSteps is 3; use at most inner.steps, 2")]
    [InlineData("""{ "tasks": [{"task":"qa1"}], "amplification": {"share": 2, "greatest": 8} }""", "amplification.share is 2; use 0 to 1")]
    [InlineData("""{ "tasks": [{"task":"jsonl"}] }""", "tasks.data is absent; use a file")]
    [InlineData("""{ "tasks": [{"task":"qa1"}], "tokenWeight": 0 }""", "tokenWeight is 0")]
    [InlineData("not json", "is an invalid")]
    public void Read_WrongRecipe_NamesFileAndField(string json, string reason)
    {
        var error = Assert.Throws<RecipeException>(() => Read(json));
        Assert.Contains("recipe.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private TrainRecipe Read(string json)
    {
        File.WriteAllText(_folder.File("recipe.json"), json);
        return TrainRecipe.Read(_folder.File("recipe.json"));
    }
}
