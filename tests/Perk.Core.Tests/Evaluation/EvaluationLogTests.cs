using System.Text.Json.Nodes;
using Perk.Core.Evaluation;
using Perk.Core.Tasks;

namespace Perk.Core.Tests.Evaluation;

public sealed class EvaluationLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_SameRun_HasWhatWasAdded()
    {
        var log = Open();
        log.Add(new EvaluatedContext(4, 100, 200, 3, 1.5), [Rows.Of(4, 0, "perk", true), Rows.Of(4, 0, "blind", false)]);
        var again = Open();
        Assert.Equal(log.Contexts, again.Contexts);
        Assert.True(again.Holds(4));
        Assert.False(again.Holds(5));
        Assert.Equal([("perk", true), ("blind", false)], again.Rows.Select(r => (r.Method, r.ExactMatch)));
        Assert.Equal(["garden"], again.Rows[0].Gold);
    }

    [Fact]
    public void Open_RowsOfAContextThatWasNotFinished_AreDropped()
    {
        Open().Add(new EvaluatedContext(0, 1, 1, 1, null), [Rows.Of(0, 0, "perk", true)]);
        var path = Path.Combine(_folder.Path, EvaluationLog.RowsFile);
        var whole = File.ReadAllText(path);
        // Killed after a row of the next context, and in the midst of another.
        File.AppendAllText(path, whole.Replace("\"context\":0", "\"context\":1", StringComparison.Ordinal) + whole[..30]);
        Assert.Single(Open().Rows);
        Assert.Equal(whole, File.ReadAllText(path));
    }

    [Theory]
    [InlineData("seed", 2, "seed is 1 there and 2 here")]
    [InlineData("more", 1, "more is absent there and 1 here")]
    public void Open_AnotherRun_NamesWhatDiffers(string option, int value, string reason)
    {
        Open();
        var other = Run();
        other[option] = value;
        var error = Assert.Throws<ArgumentException>(() => EvaluationLog.Open(_folder.Path, other));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_DamagedLine_NamesFileAndLine()
    {
        Open().Add(new EvaluatedContext(0, 1, 1, 1, null), [Rows.Of(0, 0, "perk", true)]);
        File.AppendAllText(Path.Combine(_folder.Path, EvaluationLog.RowsFile), "{\"context\":\n");
        Assert.Contains("problems.jsonl:2 is damaged", Assert.Throws<IOException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadRows_UnfinishedRun_LeavesItsFilesAsTheyAre()
    {
        Open().Add(new EvaluatedContext(0, 1, 1, 1, null), [Rows.Of(0, 0, "perk", true)]);
        var path = Path.Combine(_folder.Path, EvaluationLog.RowsFile);
        File.AppendAllText(path, "{\"context\":1,");
        var before = File.ReadAllText(path);
        Assert.Single(EvaluationLog.ReadRows(_folder.Path));
        Assert.Equal(before, File.ReadAllText(path));
    }

    [Fact]
    public void Open_ContextWhoseRowsAreGone_IsAskedAgain()
    {
        Open().Add(new EvaluatedContext(0, 1, 1, 1, null), [Rows.Of(0, 0, "perk", true)]);
        File.Delete(Path.Combine(_folder.Path, EvaluationLog.RowsFile));
        Assert.False(Open().Holds(0));
    }

    [Fact]
    public void ReadRows_FolderWithoutRun_SaysWhatToName() =>
        Assert.Contains("--out", Assert.Throws<IOException>(() => EvaluationLog.ReadRows(_folder.Path)).Message, StringComparison.Ordinal);

    private static JsonObject Run() => new() { ["task"] = "qa1", ["seed"] = 1 };

    private EvaluationLog Open() => EvaluationLog.Open(_folder.Path, Run());
}

/// <summary>Rows made by hand.</summary>
internal static class Rows
{
    public static EvaluationRow Of(int context, int number, string method, bool right, string kind = "where", string gold = "garden", string? answer = null) => new()
    {
        Context = context,
        Number = number,
        Method = method,
        Kind = kind,
        Answerability = Answerability.Answerable,
        Question = $"Where is {number}?",
        Gold = [gold],
        Answer = answer ?? (right ? gold : "elsewhere"),
        GoldSupport = [],
        Support = [],
        Depth = [],
        ExactMatch = right,
        TokenF1 = right ? 1 : 0,
        SubEM = right,
    };
}
