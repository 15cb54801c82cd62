using System.Text.Json;

namespace Perk.Core.Tasks.MultiDocument;

/// <summary>
/// An API's description on one line, as PERK's authors write it: <c>&lt;api&gt;CALL&lt;/api&gt; domain: …, framework: …</c>.
/// </summary>
internal static class ApiDescription
{
    private static readonly string[] Fields =
    [
        "domain", "framework", "functionality", "api_name", "api_arguments", "python_environment_requirements", "example_code",
        "performance", "description",
    ];

    /// <summary>The description as a paragraph; those of one call tell the same.</summary>
    /// <param name="data">APIBench's <c>api_data</c>.</param>
    /// <param name="call">The call.</param>
    internal static Paragraph Of(JsonRow data, string call)
    {
        if (data.Value.ValueKind != JsonValueKind.Object)
            throw data.Wrong("is not an object; expected the description of an API");
        var parts = Fields.Where(f => data.Value.TryGetProperty(f, out _))
            .Select(f => $"{f}: {Text(data, data.Value.GetProperty(f))}");
        return new Paragraph(null, $"<api>{call}</api> {string.Join(", ", parts)}", call);
    }

    private static string Text(JsonRow data, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => string.Join(", ", value.EnumerateObject().Select(p => $"{p.Name}: {Text(data, p.Value)}")),
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(v => Text(data, v)))}]",
        JsonValueKind.String => Line(new JsonRow(data.File, data.Where, value).AsText(mayBeBlank: true)),
        JsonValueKind.Null => "N/A",
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        _ => value.GetRawText(),
    };

    /// <summary>Line ends as the two characters <c>\n</c>.</summary>
    private static string Line(string text) => text.ReplaceLineEndings("\n").Replace("\n", "\\n", StringComparison.Ordinal);
}
