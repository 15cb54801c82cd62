using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Core.Tests.Tasks.BabiLong;

public sealed class HaystackTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void FromTexts_ParagraphsOnLines_CutsSentences() => Assert.Equal(
        ["|Title", "|Mr. J. Fox saw “it!”", "He ran.", "|Then what?", "|Nothing."],
        Sentences("Title\nMr. J. Fox\u00A0\u2009saw  “it!” He ran.\n\nThen what?\r\n Nothing. \n"));

    [Fact]
    public void FromTexts_WrappedParagraphs_JoinsTheirLines() => Assert.Equal(
        ["|It was a dark night.", "It rained", "|upon", "|They slept.", "All of them did."],
        Sentences("It was a\ndark night. It\nrained\n\nupon\n\nThey\nslept.\nAll of them\ndid.\n"));

    [Fact]
    public void FromFolder_SeveralFiles_FollowEachOtherByNameAndWrap()
    {
        File.WriteAllText(_folder.File("b.txt"), "Third one here. Fourth one here.");
        File.WriteAllText(_folder.File("a.txt"), "First one here. Second one here.");
        File.WriteAllText(_folder.File("c.md"), "No text.");
        var haystack = Haystack.FromFolder(_folder.Path);
        Assert.Equal(["First", "Second", "Third", "Fourth"], Enumerable.Range(0, haystack.Count).Select(i => haystack[i].Text.Split(' ')[0]));

        var starts = new HashSet<int>();
        for (var i = 0; i < 50; i++)
        {
            var stretch = haystack.Stretch(100, TaskRandom.For("test", TaskSplit.Test, 1, i));
            Assert.Equal(Enumerable.Range(0, 4).Select(k => (stretch[0] + k) % 4), stretch);
            starts.Add(stretch[0]);
        }

        Assert.Equal(4, starts.Count);
    }

    [Fact]
    public void FromFolder_NoText_SaysWhatIsExpected()
    {
        Assert.Equal(
            $"{_folder.Path}: has no text; expected .txt files (UTF-8) with sentences in them.",
            Assert.Throws<TaskDataException>(() => Haystack.FromFolder(_folder.Path)).Message);
        Assert.StartsWith(
            $"{_folder.File("none")}: cannot be read as a folder of .txt files: ",
            Assert.Throws<TaskDataException>(() => Haystack.FromFolder(_folder.File("none"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Task_ContextsLongerThanTheText_SaysHowManyTokensThereAre()
    {
        const string Text = "One two three. Four five six.";
        var haystack = Haystack.FromTexts(Text);
        Assert.Equal(
            $"haystack: has {Gpt2Merges.Tokenizer.Count("\n\n" + Text)} tokens of text; contexts of 64 tokens were asked for.",
            Assert.Throws<TaskDataException>(() => new BabiLongTask(new() { Length = 64 }, haystack)).Message);
    }

    [Fact]
    public void Stretch_AnyBudget_IsFilledToLessThanASentence()
    {
        for (var i = 0; i < 100; i++)
        {
            var stretch = Babi.Hay.Stretch(200 + i, TaskRandom.For("test", TaskSplit.Test, 1, i));
            Assert.InRange(stretch.Sum(Babi.Hay.Cost), 200 + i - 8, 200 + i);
        }
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Those that begin a paragraph with a bar before them.</summary>
    private static IEnumerable<string> Sentences(string text)
    {
        var haystack = Haystack.FromTexts(text);
        return Enumerable.Range(0, haystack.Count).Select(i => (haystack[i].BeginsParagraph ? "|" : "") + haystack[i].Text);
    }
}
