using System.Text.RegularExpressions;
using Perk.Cli.Demo;
using Perk.Core.Documents;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Cli.Tests.Demo;

/// <summary>What the demo is drawn from.</summary>
public sealed class DemoDocumentTests
{
    [Fact]
    public void Chapters_Seed_DecidesDocumentsOfTwentyQuestionsAndMore()
    {
        var documents = DemoDocument.Chapters(3);
        Assert.True(documents.Count >= 2);
        Assert.True(documents.Sum(d => d.Problem.Questions.Count) >= 20);
        Assert.All(documents, d => Assert.InRange(d.Problem.ContextTokens, 8000, 8192));
        Assert.Equal(documents.Select(d => d.Problem.Context), DemoDocument.Chapters(3).Select(d => d.Problem.Context));
        Assert.NotEqual(documents[0].Problem.Context, DemoDocument.Chapters(4)[0].Problem.Context);
    }

    [Fact]
    public void Chapters_NamesAndBook_AreOnesThatNothingWasTrainedOn()
    {
        var readme = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "models", "perk-1m", "README.md"));
        Assert.Matches("Held out: [^;]*bram-stoker_dracula", readme);
        HashSet<string> seen = [.. WorldLists.Train.Names, .. WorldLists.Original.Names];
        foreach (var document in DemoDocument.Chapters(1))
        {
            Assert.Contains(document.Problem.Questions[0].Support[0].Text, document.Problem.Context, StringComparison.Ordinal);
            Assert.DoesNotContain(Regex.Matches(document.Problem.Context, @"(\w+) Event \d").Select(m => m.Groups[1].Value), seen.Contains);
        }
    }

    [Fact]
    public void StudentRegisters_Seed_DecidesThem()
    {
        var registers = DemoDocument.StudentRegisters(3);
        Assert.True(registers.Count >= 2);
        Assert.All(registers, r => Assert.Equal(SegmentUnit.Line, r.Problem.Unit));
        Assert.Equal(registers.Select(d => d.Problem.Context), DemoDocument.StudentRegisters(3).Select(d => d.Problem.Context));
        Assert.NotEqual(registers[0].Problem.Context, DemoDocument.StudentRegisters(4)[0].Problem.Context);
        Assert.All(registers.SelectMany(r => r.Problem.Questions), q => Assert.Contains(q.Answers[0], q.Support[0].Text, StringComparison.Ordinal));
    }
}
