using System.Text.Json;

namespace Perk.Core.Tasks.MultiDocument;

/// <summary>Reads a file of rows: a JSON list, one object a line, or one object.</summary>
internal static class JsonRows
{
    private const string Expected = "expected a JSON list of rows, or one JSON object a line.";

    /// <summary>
    /// The rows of a file, called <c>row 1</c>, … in a list and <c>line 1</c>, … otherwise; one object alone has no name.
    /// </summary>
    /// <exception cref="TaskDataException">It cannot be read, is empty or is not JSON.</exception>
    internal static IReadOnlyList<JsonRow> Read(string path)
    {
        var text = TaskFile.ReadText(path);
        var start = text.AsSpan().TrimStart();
        if (start.IsEmpty) throw new TaskDataException(path, "is empty; " + Expected);
        if (start[0] == '[')
        {
            var rows = Parse(path, text, "").EnumerateArray();
            return [.. rows.Select((row, i) => new JsonRow(path, FormattableString.Invariant($"row {i + 1}"), row))];
        }

        return Whole(path, text) ?? Lines(path, text);
    }

    private static List<JsonRow>? Whole(string path, string text)
    {
        try
        {
            return [new JsonRow(path, "", JsonElement.Parse(text))];
        }
        catch (JsonException)
        {
            return null; // One object a line, or damaged: the lines tell.
        }
    }

    private static List<JsonRow> Lines(string path, string text)
    {
        var rows = new List<JsonRow>();
        foreach (var (line, i) in text.Split('\n').Select((line, i) => (line, i)))
        {
            var where = FormattableString.Invariant($"line {i + 1}");
            if (!string.IsNullOrWhiteSpace(line)) rows.Add(new JsonRow(path, where, Parse(path, line, where + ": ")));
        }

        return rows;
    }

    private static JsonElement Parse(string path, string json, string where)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException e)
        {
            throw new TaskDataException(path, $"{where}is not JSON; {Expected} {e.Message}", e);
        }
    }
}
