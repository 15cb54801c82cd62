namespace Perk.Cli.Demo;

/// <summary>A document that ships with the demo.</summary>
/// <param name="File">Its file.</param>
/// <param name="Title">What it is.</param>
/// <param name="ControlFile">Another chapter of the same book, which is not encoded.</param>
/// <param name="ControlTitle">What that is.</param>
/// <param name="Questions">Questions to ask.</param>
internal sealed record DemoDocument(string File, string Title, string ControlFile, string ControlTitle, IReadOnlyList<string> Questions)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DemoDocument> All { get; } =
    [
        new("dracula-chapters-1-4.txt", "Dracula, chapters I-IV", "dracula-chapter-6.txt", "Dracula, chapter VI",
            ["Who drove the carriage?", "What did the old lady give him?", "What did he see in the mirror?"]),
        new("a-scandal-in-bohemia.txt", "A Scandal in Bohemia", "the-redheaded-league.txt", "The Redheaded League",
            ["Who is the woman?", "What did the King want?", "Where was the photograph?"]),
    ];

    /// <summary>The bytes of a demo file, which lies beside the program.</summary>
    public static byte[] Read(string file) => System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Demo", "Documents", file));
}
