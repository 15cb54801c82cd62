using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tasks.StudentRecords;

namespace Perk.Cli.Demo;

/// <summary>
/// A document of the demo: a stretch of a book that nothing was trained on with the movements of a few people scattered in it, or a register of students.
/// Who they are, what they do and where that stands is drawn; names, places and ids are of the test lists, which no training sees.
/// </summary>
/// <param name="Title">What it is called.</param>
/// <param name="Problem">Its text, and questions with what is right.</param>
internal sealed record DemoDocument(string Title, Problem Problem)
{
    private const int ChapterTokens = 8192, RegisterTokens = 1024; // GPT-2's
    private const int LeastQuestions = 20, MostOfAChapter = 4, OfARegister = 4, Registers = 2;

    /// <summary>Stretches of a book, as many as it takes for twenty questions.</summary>
    /// <param name="seed">Decides them.</param>
    public static IReadOnlyList<DemoDocument> Chapters(long seed)
    {
        var book = Haystack.FromFolder(ShippedBooks.Folder, only: [ShippedBooks.HeldOut[0]]);
        var task = new BabiLongTask(new BabiLongOptions { Length = ChapterTokens, Questions = MostOfAChapter, Seed = seed }, book);
        var documents = new List<DemoDocument>();
        for (var draw = 0; documents.Sum(d => d.Problem.Questions.Count) < LeastQuestions; draw++)
        {
            if (task.Draw(draw).Problem is { } problem) documents.Add(new DemoDocument($"Dracula, stretch {documents.Count + 1}", problem));
        }

        return documents;
    }

    /// <summary>Student registers, one record a line.</summary>
    /// <param name="seed">Decides them.</param>
    public static IReadOnlyList<DemoDocument> StudentRegisters(long seed)
    {
        var task = new StudentRecordsTask(new StudentRecordsOptions { Family = StudentQuestions.Recall, Length = RegisterTokens, Questions = OfARegister, Seed = seed });
        return [.. Enumerable.Range(0, Registers).Select(i => new DemoDocument($"Student register {i + 1}", task.Draw(i).Problem!))];
    }
}
