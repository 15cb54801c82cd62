using System.CommandLine;
using System.Globalization;

namespace Perk.Cli.Commands;

/// <summary>Lengths in tokens, as people write them: 1024, 8K, 1M.</summary>
internal static class TokenLength
{
    /// <summary>An option with a length; K is 1,024 and M is 1,048,576.</summary>
    public static Option<int?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            var token = result.Tokens[0].Value;
            if (Parse(token) is { } length) return length;
            result.AddError($"{name} must be a number of tokens such as 1024, 8K or 1M, not '{token}'.");
            return null;
        },
    };

    /// <summary>Reads a length above 0; null where it is none.</summary>
    internal static int? Parse(string text)
    {
        var factor = text.Length == 0 ? 1 : char.ToUpperInvariant(text[^1]) switch { 'K' => 1 << 10, 'M' => 1 << 20, _ => 1 };
        var digits = factor == 1 ? text : text[..^1];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number <= int.MaxValue / factor
            ? number * factor
            : null;
    }
}
