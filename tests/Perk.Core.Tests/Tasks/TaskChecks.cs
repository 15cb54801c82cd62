using System.Security.Cryptography;
using System.Text;
using Perk.Core.Models;
using Perk.Core.Tasks;

namespace Perk.Core.Tests.Tasks;

/// <summary>What holds for every problem of a task.</summary>
internal static class TaskChecks
{
    /// <summary>The problem of a draw that must give one.</summary>
    internal static Problem Problem(this IMemoryTask task, int index)
    {
        var draw = task.Draw(index);
        Assert.Null(draw.Dropped);
        return draw.Problem!;
    }

    /// <summary>The questions of several draws, with their draws.</summary>
    internal static List<(int Index, ProblemQuestion Question)> Questions(this IMemoryTask task, int draws) =>
        [.. Enumerable.Range(0, draws).SelectMany(i => task.Problem(i).Questions, (i, q) => (i, q))];

    /// <summary>Lengths, offsets and depths are what they say; unknown answers have no support.</summary>
    internal static void CheckForm(Problem problem)
    {
        Assert.Equal(Gpt2Merges.Tokenizer.Count(problem.Context), problem.ContextTokens);
        foreach (var question in problem.Questions)
        {
            Assert.Equal(question.Answerability != Answerability.Answerable, question.Answers is ["unknown"]);
            if (question.Answerability != Answerability.Answerable) Assert.Empty(question.Support);
            foreach (var fact in question.Support)
            {
                Assert.Equal(fact.Text, problem.Context.Substring(fact.Offset, fact.Text.Length));
                var before = Gpt2Merges.Tokenizer.Count(problem.Context[..fact.Offset].TrimEnd());
                Assert.Equal((double)before / problem.ContextTokens, fact.Depth, 1e-12);
            }
        }
    }

    /// <summary>All that draws hold, as one hash.</summary>
    internal static string Hash(IMemoryTask task, int draws)
    {
        var text = string.Concat(Enumerable.Range(0, draws).Select(i => Json(task.Problem(i)) + "\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>A problem as text.</summary>
    internal static string Json(Problem problem) => System.Text.Json.JsonSerializer.Serialize(problem, Perk.Core.Json.Compact);
}
