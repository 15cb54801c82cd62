using System.Text.Json.Nodes;

namespace Perk.Core.Documents;

/// <summary>How a text is cut into segments.</summary>
public sealed record SegmenterOptions
{
    /// <summary>The least <see cref="MaxTokens"/>: enough for any single character in any tokenizer.</summary>
    public const int LeastMaxTokens = 16;

    /// <summary>The greatest <see cref="MaxTokens"/>.</summary>
    public const int GreatestMaxTokens = 32_768;

    /// <summary>The most tokens of a segment, its text encoded alone, without special tokens. The paper has about 256.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// Below <see cref="LeastMaxTokens"/> or above <see cref="GreatestMaxTokens"/>.
    /// </exception>
    public int MaxTokens
    {
        get;
        init => field = value is >= LeastMaxTokens and <= GreatestMaxTokens
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"MaxTokens must be from {LeastMaxTokens} to {GreatestMaxTokens}.");
    } = 256;

    /// <summary>What a segment never goes beyond.</summary>
    public SegmentUnit Unit { get; init; }

    /// <summary>Canonical JSON, part of the adapter id; the usual unit is left out, as it was before there were others.</summary>
    internal JsonObject ToJson()
    {
        var json = new JsonObject { ["format"] = PromptFormat.Version, ["maxTokens"] = MaxTokens };
        if (Unit != SegmentUnit.Packed) json["unit"] = Unit.ToString();
        return json;
    }
}
