using System.Globalization;
using System.Text.RegularExpressions;

namespace Perk.Core.Tasks.BabiLong;

/// <summary>
/// A file of bAbI task 1, 2 or 3 as published: numbered lines, from 1 again with every story; a question's line is
/// <c>3 Where is Mary? ⇥bathroom⇥1</c>, with the answer and the numbers of the lines it follows from.
/// </summary>
public sealed partial class BabiFile
{
    private readonly List<FileStory> _stories;

    private BabiFile(string path, BabiLevel level, List<FileStory> stories) => (Path, Level, _stories) = (path, level, stories);

    /// <summary>Where it was read from.</summary>
    public string Path { get; }

    /// <summary>What its questions ask.</summary>
    public BabiLevel Level { get; }

    /// <summary>How many stories it has.</summary>
    public int Count => _stories.Count;

    /// <summary>Its stories.</summary>
    internal IReadOnlyList<FileStory> Stories => _stories;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Packed where it ends in <c>.gz</c>.</param>
    /// <exception cref="TaskDataException">It is missing or no such file; the message names the line.</exception>
    public static BabiFile Load(string path)
    {
        var lines = TaskFile.ReadText(path).Split('\n').Select(l => l.TrimEnd('\r')).ToList();
        while (lines.Count > 0 && lines[^1].Length == 0) lines.RemoveAt(lines.Count - 1);
        if (lines.Count == 0) throw new TaskDataException(path, "is empty; expected a bAbI file of task 1, 2 or 3.");

        var stories = new List<FileStory>();
        BabiFileReader? reader = null;
        BabiLevel? level = null;
        for (var i = 0; i < lines.Count; i++)
        {
            var match = Line().Match(lines[i]);
            var (number, text) = match.Success
                ? (int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture), match.Groups["text"].Value)
                : throw Bad(i, "expected a number, a space and a sentence");
            if (number == 1)
            {
                if (reader is not null) stories.Add(reader.Finish(Bad, i - 1));
                reader = new BabiFileReader();
            }
            else if (reader is null || number != reader.Lines + 1)
            {
                throw Bad(i, $"has the number {number}; expected 1{(reader is null ? "" : $" or {reader.Lines + 1}")}");
            }

            reader.Read(text, reason => Bad(i, reason), ref level);
        }

        stories.Add(reader!.Finish(Bad, lines.Count - 1));
        return new(path, level!.Value, stories);

        TaskDataException Bad(int line, string reason) => new(path, $"line {line + 1} {reason}.");
    }

    [GeneratedRegex(@"\A(?<number>[0-9]{1,6}) (?<text>\S.*)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Line();
}

/// <summary>A story of a file.</summary>
/// <param name="Facts">All of them.</param>
/// <param name="Questions">Each with the number of facts told before it.</param>
internal sealed record FileStory(
    IReadOnlyList<StoryFact> Facts, IReadOnlyList<(int FactsBefore, StoryQuestion Question)> Questions)
{
    /// <summary>The story up to one of its questions.</summary>
    internal Story UpTo(int question) => new([.. Facts.Take(Questions[question].FactsBefore)], Questions[question].Question);
}
