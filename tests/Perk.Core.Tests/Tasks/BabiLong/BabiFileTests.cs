using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Core.Tests.Tasks.BabiLong;

public sealed class BabiFileTests : IDisposable
{
    private const string Good = "1 Mary moved to the bathroom.\n2 John went back to the hallway.\n3 Where is Mary? \tbathroom\t1\n";
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(BabiLevel.Qa1, 160)]
    [InlineData(BabiLevel.Qa2, 150)]
    [InlineData(BabiLevel.Qa3, 60)]
    public void Load_OriginalFile_WritesBackAsItWas(BabiLevel level, int stories)
    {
        var file = Babi.File(level);
        Assert.Equal((level, stories), (file.Level, file.Count));
        Assert.Equal(
            File.ReadLines(file.Path).Select(InOrder),
            file.Stories.SelectMany(Lines));
    }

    [Theory]
    [InlineData(BabiLevel.Qa1)]
    [InlineData(BabiLevel.Qa2)]
    [InlineData(BabiLevel.Qa3)]
    public void Questions_OriginalStories_HaveTheFilesAnswersAndSupport(BabiLevel level)
    {
        foreach (var told in Babi.File(level).Stories)
        {
            for (var i = 0; i < told.Questions.Count; i++)
            {
                var story = told.UpTo(i);
                Assert.Equal(story.Main.Answer, BabiSolver.Answer(story.Main.Text, story.Facts.Select(f => f.Text)));
                var derived = Assert.Single(StoryReasoning.Questions(level, story.Facts), q => q.Text == story.Main.Text);
                Assert.Equal(story.Main.Answer, derived.Answer);
                Assert.Equal(story.Main.Support, derived.Support);
            }
        }
    }

    [Theory]
    [InlineData("", "is empty; expected a bAbI file of task 1, 2 or 3.")]
    [InlineData("Mary moved to the bathroom.\n", "line 1 expected a number, a space and a sentence.")]
    [InlineData("2 Mary moved to the bathroom.\n", "line 1 has the number 2; expected 1.")]
    [InlineData(Good + "5 Mary moved to the bathroom.\n", "line 4 has the number 5; expected 1 or 4.")]
    [InlineData(Good + "\n" + Good, "line 4 expected a number, a space and a sentence.")]
    [InlineData(Good + "1 Mary slept.\n", "line 4 says 'Mary slept.'; expected a sentence of tasks 1 to 3, such as 'Mary went to the office.' or 'Mary got the milk there.'.")]
    [InlineData(Good + "1 Mary went to the office.\n", "line 4 ends a story in which nothing is asked; expected at least one question.")]
    [InlineData("1 Mary went to the office.\n" + Good, "line 1 ends a story in which nothing is asked; expected at least one question.")]
    [InlineData(Good + "4 Where is Mary?\n", "line 4 has 1 fields between tabs; a question has 3: question, answer, supporting lines.")]
    [InlineData(Good + "4 Is Mary in the bathroom? \tyes\t1\n", "line 4 asks 'Is Mary in the bathroom? '; expected 'Where is NAME?', 'Where is the OBJECT?' or 'Where was the OBJECT before the PLACE?'.")]
    [InlineData(Good + "4 Where is Mary? \tbathroom\t1 2\n", "line 4 names 2 supporting lines; this question has 1.")]
    [InlineData(Good + "4 Where is Mary? \tbathroom\t3\n", "line 4 names the supporting line '3'; expected the number of a fact before it in its story.")]
    [InlineData(Good + "4 Where is Mary? \thallway\t1\n", "line 4 has the answer 'hallway', to which nobody goes in its supporting lines.")]
    [InlineData(Good + "4 Where is the milk? \tbathroom\t1 2\n", "line 4 asks where-is-object, but the questions before it ask where-is-person; a file holds one task.")]
    public void Load_DamagedFile_NamesTheLine(string text, string reason)
    {
        var path = _folder.File("qa1.txt");
        File.WriteAllText(path, text);
        Assert.Equal($"{path}: {reason}", Assert.Throws<TaskDataException>(() => BabiFile.Load(path)).Message);
    }

    [Fact]
    public void Load_WindowsLineEnds_ReadsTheSame()
    {
        var path = _folder.File("qa1.txt");
        File.WriteAllText(path, Good.ReplaceLineEndings("\r\n"));
        var story = Assert.Single(BabiFile.Load(path).Stories).UpTo(0);
        Assert.Equal(["Mary moved to the bathroom.", "John went back to the hallway."], story.Facts.Select(f => f.Text));
    }

    [Fact]
    public void Load_MissingFile_NamesIt()
    {
        var path = _folder.File("none.txt");
        var error = Assert.Throws<TaskDataException>(() => BabiFile.Load(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A line with its supporting lines in the order of events.</summary>
    private static string InOrder(string line)
    {
        if (line.Split('\t') is not [var question, var answer, var support]) return line;
        return $"{question}\t{answer}\t{string.Join(' ', support.Split(' ').Select(int.Parse).Order())}";
    }

    private static IEnumerable<string> Lines(FileStory story)
    {
        var (line, lineOf) = (0, new List<int>());
        for (var fact = 0; fact <= story.Facts.Count; fact++)
        {
            foreach (var (_, q) in story.Questions.Where(q => q.FactsBefore == fact))
                yield return $"{++line} {q.Text} \t{q.Answer}\t{string.Join(' ', q.Support.Select(i => lineOf[i]))}";
            if (fact == story.Facts.Count) continue;
            yield return $"{++line} {story.Facts[fact].Text}";
            lineOf.Add(line);
        }
    }
}
