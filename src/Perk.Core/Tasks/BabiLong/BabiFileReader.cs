using System.Globalization;
using System.Text.RegularExpressions;

namespace Perk.Core.Tasks.BabiLong;

/// <summary>Reads one story of a bAbI file line by line.</summary>
internal sealed partial class BabiFileReader
{
    private readonly List<StoryFact> _facts = [];
    private readonly List<(int FactsBefore, StoryQuestion Question)> _questions = [];
    private readonly Dictionary<int, int> _factOfLine = [];

    /// <summary>Lines read.</summary>
    internal int Lines { get; private set; }

    /// <summary>Takes a line.</summary>
    /// <param name="text">Without its number.</param>
    /// <param name="bad">Makes the error of this line from its reason.</param>
    /// <param name="level">What the file's questions ask; null before the first.</param>
    internal void Read(string text, Func<string, TaskDataException> bad, ref BabiLevel? level)
    {
        Lines++;
        if (!text.Contains('\t', StringComparison.Ordinal) && !text.EndsWith('?'))
        {
            _factOfLine.Add(Lines, _facts.Count);
            _facts.Add(StoryFact.Read(text) ?? throw bad(
                $"says '{text}'; expected a sentence of tasks 1 to 3, such as 'Mary went to the office.' "
                + "or 'Mary got the milk there.'"));
            return;
        }

        var question = Question(text, bad);
        if (question.Level != (level ??= question.Level))
        {
            throw bad(
                $"asks {StoryQuestion.KindOf(question.Level)}, but the questions before it ask "
                + $"{StoryQuestion.KindOf(level.Value)}; a file holds one task");
        }

        _questions.Add((_facts.Count, question));
    }

    /// <summary>The story.</summary>
    /// <param name="bad">Makes an error of a line from its reason.</param>
    /// <param name="last">The story's last line.</param>
    internal FileStory Finish(Func<int, string, TaskDataException> bad, int last) => _questions.Count > 0
        ? new(_facts, _questions)
        : throw bad(last, "ends a story in which nothing is asked; expected at least one question");

    private StoryQuestion Question(string text, Func<string, TaskDataException> bad)
    {
        var fields = text.Split('\t');
        if (fields.Length != 3)
            throw bad($"has {fields.Length} fields between tabs; a question has 3: question, answer, supporting lines");

        var (asked, answer) = (Words().Match(fields[0].TrimEnd(' ')), fields[1]);
        if (!asked.Success)
        {
            throw bad(
                $"asks '{fields[0]}'; expected 'Where is NAME?', 'Where is the OBJECT?' or "
                + "'Where was the OBJECT before the PLACE?'");
        }

        var before = asked.Groups["before"] is { Success: true, Value: var place } ? place : null;
        var level = before is not null ? BabiLevel.Qa3 : asked.Groups["object"].Success ? BabiLevel.Qa2 : BabiLevel.Qa1;
        var numbers = fields[2].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (numbers.Length != (int)level + 1)
            throw bad($"names {numbers.Length} supporting lines; this question has {(int)level + 1}");

        int[] support = [.. numbers.Select(Fact).Order()];
        if (!support.Any(i => _facts[i].Action == FactAction.Move && _facts[i].Target == answer))
            throw bad($"has the answer '{answer}', to which nobody goes in its supporting lines");
        return new(level, asked.Groups["entity"].Value, before, answer, support);

        int Fact(string number) =>
            int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var line)
            && _factOfLine.TryGetValue(line, out var fact)
                ? fact
                : throw bad($"names the supporting line '{number}'; expected the number of a fact before it in its story");
    }

    [GeneratedRegex(
        @"\AWhere (is (?<entity>[A-Za-z]+)|is (?<object>the) (?<entity>[A-Za-z]+)"
        + @"|was the (?<entity>[A-Za-z]+) before the (?<before>[A-Za-z]+))\?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Words();
}
