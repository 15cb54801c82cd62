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

    [Fact]
    public void Read_FieldsSetBeside_AreThoseOfTheRecipe()
    {
        const string Json = """{ "tasks": [ { "task": "qa1" } ], "outer": { "steps": 9, "clip": 2 }, } // as people write them""";
        var recipe = Read(Json, "outer.steps=300", "tasks.0.maxLength=256", "tasks.0.world=wide", "tokenWeight=null", "amplification={\"share\":0.5,\"greatest\":8}", "lora.rank=4", "problems=3");
        Assert.Equal((300, 2.0), (recipe.Outer.Steps, recipe.Outer.Clip));
        Assert.Equal((256, "wide"), (recipe.Tasks[0].MaxLength, recipe.Tasks[0].World));
        Assert.Null(recipe.TokenWeight);
        Assert.Equal(new Amplification(0.5, 8), recipe.Amplification);
        Assert.Equal((4, 3), (recipe.Lora.Rank, recipe.Problems));
    }

    [Theory]
    [InlineData("steps", "'steps' sets nothing; use FIELD=VALUE")]
    [InlineData("=3", "'=3' sets nothing")]
    [InlineData("stepps=3", "stepps is unknown")]
    [InlineData("outer.steps=0", "Outer option Steps is 0")]
    [InlineData("outer.steps=many", "outer.steps is not a whole number")]
    [InlineData("inner.optimizer=adam", "inner.optimizer is not adamW or sgd")]
    [InlineData("segmentUnit=lines", "segmentUnit is not packed, paragraph or line")]
    [InlineData("tasks.1.task=qa2", "'tasks.1.task=qa2': there is no task in 1")]
    [InlineData("tasks.1=3", "'tasks.1=3': there is nothing called 1 there")]
    [InlineData("seed.of=3", "'seed.of=3': there is nothing called of there")]
    public void Read_WrongFieldSetBeside_NamesIt(string change, string reason) =>
        Assert.Contains(reason, Assert.Throws<RecipeException>(() => Read("""{ "tasks": [ { "task": "qa1" } ], "seed": 1 }""", change)).Message, StringComparison.Ordinal);

    private TrainRecipe Read(string json, params string[] changes)
    {
        File.WriteAllText(_folder.File("recipe.json"), json);
        return TrainRecipe.Read(_folder.File("recipe.json"), changes);
    }
}
