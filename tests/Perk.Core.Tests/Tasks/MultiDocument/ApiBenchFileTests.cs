using System.Text.Json;
using Perk.Core.Tasks;
using Perk.Core.Tasks.MultiDocument;

namespace Perk.Core.Tests.Tasks.MultiDocument;

public sealed class ApiBenchFileTests
{
    private const string Data =
        """
        {"domain": "Vision", "framework": "PyTorch", "functionality": "Classes", "api_name": "net", "api_call": "load('net')",
         "api_arguments": {"name": ["a", "b"], "on": true}, "python_environment_requirements": [], "example_code": "import net\nnet.run()",
         "performance": {"dataset": null, "accuracy": {"top": 7.50}}, "description": "It tells  classes."}
        """;

    private const string Rendered =
        "<api>load('net')</api> domain: Vision, framework: PyTorch, functionality: Classes, api_name: net, "
        + "api_arguments: name: [a, b], on: True, python_environment_requirements: [], example_code: import net\\nnet.run(), "
        + "performance: dataset: N/A, accuracy: top: 7.50, description: It tells classes.";

    [Theory]
    [InlineData("###Instruction: Name what\nis seen.\n###Output: {'domain': 'x'}", "Name what is seen.")]
    [InlineData("###Instruction: Name it. ###Output: <<<domain>>>: x", "Name it.")]
    [InlineData("{'Instruction': Name it., 'Output': {'domain': 'x'}}", "Name it.")]
    [InlineData("{'Instruction': \"Name it, please.\", 'Output': {'domain': 'x'}}", "Name it, please.")]
    [InlineData("{'Instruction': 'Name it.', 'Output': {}}", "Name it.")]
    [InlineData("Name it.", null)]
    [InlineData("###Instruction: Name it.", null)]
    [InlineData("###Instruction: \n###Output: x", null)]
    public void Instruction_EitherStyle_IsWhatIsAsked(string code, string? instruction) =>
        Assert.Equal(instruction, ApiBenchFile.Instruction(code));

    [Fact]
    public void Read_ARow_AsksForTheCallInTheDescription()
    {
        var set = DataFiles.Read(f => ApiBenchFile.Read(f), Row("###Instruction: Name it.\n###Output: x") + "\n" + Row("nothing"));
        var question = Assert.Single(set.Questions);
        Assert.Equal((QuestionKind.ApiCall, "Name it."), (question.Kind, question.Text));
        Assert.Equal(["load('net')"], question.Answers);
        Assert.Equal([Rendered], question.Gold.Select(g => g.Block));
        Assert.Equal([Rendered], DataFiles.SupportOf(question));
        Assert.Equal(1, set.Dropped[ApiBenchFile.NoInstruction]);
    }

    [Fact]
    public void Read_RealRows_HaveTheirCallInOneLine()
    {
        var set = ApiBenchFile.Read(DataFiles.ApiBench, DataFiles.ApiDescriptions);
        Assert.Equal((15, 0, 5), (set.Count, set.Dropped.Count, set.Fillers.Count));
        Assert.All(set.Questions, q => Assert.StartsWith($"<api>{q.Answers[0]}</api> domain: ", q.Gold[0].Block));
        Assert.All(set.Questions, q => Assert.DoesNotContain('\n', q.Gold[0].Block));
        Assert.DoesNotContain(set.Questions, q => q.Text.Contains("Output", StringComparison.Ordinal) || q.Text.EndsWith(','));
    }

    [Theory]
    [InlineData("\"api_call\": \"load('net')\", \"provider\"", "\"provider\"", "line 2: api_call is missing; expected text.")]
    [InlineData("\"api_data\"", "\"data\"", "line 2: api_data is missing; expected the description of an API.")]
    [InlineData("\"code\"", "\"text\"", "line 2: code is missing; expected text.")]
    [InlineData("{\"domain\"", "5, \"x\": {\"domain\"", "line 2, api_data: is not an object; expected the description of an API.")]
    public void Read_OneBadLine_NamesLineAndField(string from, string to, string message)
    {
        var row = Row("###Instruction: Name it.\n###Output: x");
        var rows = $"{row}\n{row.Replace(from, to, StringComparison.Ordinal)}";
        Assert.Equal(message, DataFiles.ErrorOf(f => ApiBenchFile.Read(f), rows));
    }

    [Fact]
    public void Read_AFileOfDescriptions_SaysThatItAsksNothing()
    {
        var error = Assert.Throws<TaskDataException>(() => ApiBenchFile.Read(DataFiles.ApiDescriptions));
        Assert.Contains("line 1: code is missing: this is a description of an API, which asks nothing", error.Message);
    }

    private static string Row(string code) =>
        $$"""{"code": {{JsonSerializer.Serialize(code)}}, "api_call": "load('net')", "provider": "PyTorch", "api_data": """
        + Data.Replace("\n", "", StringComparison.Ordinal) + "}";
}
