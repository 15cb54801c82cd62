using System.CommandLine;
using System.Globalization;

namespace Perk.Cli.Commands;

/// <summary>Options with a value that stands when they are not given.</summary>
internal static class StandardOption
{
    /// <summary>A number or a time span; the help shows its standard value, errors say what is expected.</summary>
    public static Option<T> Create<T>(string name, string description, T value)
        where T : IParsable<T>
    {
        var (shown, expected) = value switch
        {
            int or long => ("N", "a whole number"),
            TimeSpan => ("HH:MM:SS", "a time span such as 00:00:30"),
            _ => ("X", "a number"),
        };
        return new Option<T>(name)
        {
            Description = description,
            HelpName = shown,
            DefaultValueFactory = _ => value,
            CustomParser = result =>
            {
                var token = result.Tokens[0].Value;

                // A bare number would be read as so many days.
                var ambiguous = value is TimeSpan && !token.Contains(':', StringComparison.Ordinal);
                if (!ambiguous && T.TryParse(token, CultureInfo.InvariantCulture, out var parsed)) return parsed;
                result.AddError($"{name} must be {expected}, not '{token}'.");
                return value;
            },
        };
    }

    /// <summary><c>--max-tokens</c>, whose standard the checkpoint knows.</summary>
    public static Option<int?> MaxTokens() => new("--max-tokens")
    {
        Description = "Longest answer, in tokens (default: as the checkpoint says, else 64)",
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var parsed)) return parsed;
            result.AddError($"--max-tokens must be a whole number, not '{result.Tokens[0].Value}'.");
            return null;
        },
    };
}
