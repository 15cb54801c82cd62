using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Perk.Core.Documents;
using Perk.Core.MetaLearning;

namespace Perk.Core.Training;

/// <summary>Reads JSON that people write: a field that is unknown, missing, twice there or of another kind is an error that names it.</summary>
internal static partial class StrictJson
{
    private static readonly JsonSerializerOptions Options = new(Json.Indented)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
        PropertyNameCaseInsensitive = false,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Reads a record.</summary>
    /// <exception cref="JsonException">The bytes are not one; the message names the field.</exception>
    internal static T Read<T>(byte[] json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw new JsonException("holds null; expected an object.");
        }
        catch (JsonException e)
        {
            throw new JsonException(Reason(e), e);
        }
    }

    private static string Reason(JsonException e)
    {
        var field = e.Path is ['$', '.', .. var path] ? path : "";
        if (Missing().Match(e.Message) is { Success: true } missing)
            return $"{(field.Length > 0 ? field + "." : "")}{missing.Groups["fields"].Value.Replace("'", "", StringComparison.Ordinal)} is missing.";
        if (e.Message.Contains("could not be mapped", StringComparison.Ordinal)) return $"{field} is unknown here.";
        if (Another().Match(e.Message) is { Success: true } another) return $"{field} is not {Expected(another.Groups["type"].Value)}.";
        return Place().Replace(e.Message, "") is var message && field.Length > 0 ? $"{field}: {message}" : message;
    }

    private static string Expected(string type) => type switch
    {
        "System.Int32" or "System.Int64" => "a whole number",
        "System.Nullable`1[System.Int32]" => "a whole number",
        "System.Double" or "System.Nullable`1[System.Double]" => "a number",
        "System.Boolean" or "System.Nullable`1[System.Boolean]" => "true or false",
        "System.String" => "a text",
        _ when type.EndsWith(nameof(MixtureKind), StringComparison.Ordinal) => "text, story-questions, retelling, records, comparisons, copies or lines",
        _ when type.EndsWith(nameof(TrainMethod), StringComparison.Ordinal) => "perk or icr",
        _ when type.EndsWith(nameof(InnerOptimizerKind), StringComparison.Ordinal) => "adamW or sgd",
        _ when type.EndsWith(nameof(LossNormalisation), StringComparison.Ordinal) => "meanOverTokens or sumOverConstant",
        _ when type.EndsWith(nameof(Echo), StringComparison.Ordinal) => "none or lastWord",
        _ when type.EndsWith(nameof(SegmentUnit), StringComparison.Ordinal) => "packed, paragraph or line",
        _ when type.StartsWith("System.Collections", StringComparison.Ordinal) => "a list",
        _ => "an object",
    };

    [GeneratedRegex("missing required properties including: (?<fields>.+?)\\.( Path:|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex Missing();

    [GeneratedRegex(@"The JSON value could not be converted to (?<type>\S+?)\.( |$)", RegexOptions.ExplicitCapture)]
    private static partial Regex Another();

    [GeneratedRegex(@" Path: .*$")]
    private static partial Regex Place();
}
