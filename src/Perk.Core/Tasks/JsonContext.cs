using System.Text.Json;
using Perk.Core.Documents;

namespace Perk.Core.Tasks;

/// <summary>A context of a user's file.</summary>
/// <param name="text">Its text.</param>
/// <param name="unit">Paragraphs where it was given as an array.</param>
internal sealed class JsonContext(string text, SegmentUnit unit)
{
    private readonly Lazy<int> _tokens = new(() => ContextBuilder.Count(text));

    /// <summary>The text.</summary>
    internal string Text => text;

    /// <summary>What a segment never goes beyond.</summary>
    internal SegmentUnit Unit => unit;

    /// <summary>Its length; counted when first asked for.</summary>
    internal int Tokens => _tokens.Value;

    /// <summary>Reads the context of a row.</summary>
    internal static JsonContext Of(JsonRow row) => new(
        string.Join("\n\n", row.TextOrTexts("context")),
        row.Required("context").ValueKind == JsonValueKind.Array ? SegmentUnit.Paragraph : SegmentUnit.Packed);

    /// <summary>Whether another row has the same context.</summary>
    internal bool IsSame(JsonContext other) => unit == other.Unit && text == other.Text;

    /// <summary>Reads the question of a row. The depths of its support are not yet known.</summary>
    internal ProblemQuestion Question(JsonRow row)
    {
        var question = row.Text("question");
        if (row.Optional("answer") is not null && row.Optional("answers") is not null)
            throw row.Error("has both fields 'answers' and 'answer'; keep one.");
        var answers = row.TextOrTexts(row.Optional("answer") is null ? "answers" : "answer");
        var support = row.OptionalTexts("support").Select((line, i) => Find(row, line, i)).ToList();
        var unknown = answers is [UnknownAnswer.Text];
        if (unknown && support.Count > 0) throw row.Error("support", "must be absent where the answer is 'unknown'.");
        return new()
        {
            Kind = row.Optional("kind") is null ? "question" : row.Text("kind"),
            Text = question,
            Answers = answers,
            Support = support,
            Answerability = unknown ? Answerability.Unanswerable : Answerability.Answerable,
        };
    }

    /// <summary>A supporting fact with its depth: the tokens of the text before it, without the white space between.</summary>
    internal SupportingFact WithDepth(SupportingFact fact) =>
        fact with { Depth = (double)ContextBuilder.Count(text[..fact.Offset].TrimEnd()) / Tokens };

    private SupportingFact Find(JsonRow row, string line, int index) => text.IndexOf(line, StringComparison.Ordinal) switch
    {
        < 0 => throw row.Error($"support[{index}]", $"does not stand in the context as it is written: \"{line}\"."),
        var offset => new(line, offset, 0),
    };
}
