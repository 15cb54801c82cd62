using Perk.Cli.Commands;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Cli.Demo;

/// <summary>
/// A document of the demo: a stretch of a book that nothing was trained on, with the movements of a few people scattered in it. Who they are, where
/// they go and where that stands is drawn; names and places are of the test lists, which no training sees.
/// </summary>
/// <param name="Title">What it is called.</param>
/// <param name="Problem">Its text, and questions with what is right.</param>
internal sealed record DemoDocument(string Title, Problem Problem)
{
    private const int Tokens = 8192; // GPT-2's
    private const int LeastQuestions = 20, MostOfADocument = 4;

    /// <summary>As many documents as it takes for twenty questions.</summary>
    /// <param name="seed">Decides them.</param>
    public static IReadOnlyList<DemoDocument> Draw(long seed)
    {
        var book = Haystack.FromFolder(ShippedBooks.Folder, only: [ShippedBooks.HeldOut[0]]);
        var task = new BabiLongTask(new BabiLongOptions { Length = Tokens, Questions = MostOfADocument, Seed = seed }, book);
        var documents = new List<DemoDocument>();
        for (var draw = 0; documents.Sum(d => d.Problem.Questions.Count) < LeastQuestions; draw++)
        {
            if (task.Draw(draw).Problem is { } problem) documents.Add(new DemoDocument($"Dracula, stretch {documents.Count + 1}", problem));
        }

        return documents;
    }
}
