using System.CommandLine;
using System.Globalization;

namespace Perk.Scale.Commands;

/// <summary>An option with several numbers, as <c>1,2,4</c>.</summary>
internal static class NumbersOption
{
    /// <summary>Makes one; the help shows its standard value, errors say what is expected.</summary>
    public static Option<T[]> Create<T>(string name, string description, params T[] standard)
        where T : struct, IParsable<T>, IFormattable
    {
        var shown = string.Join(",", standard.Select(n => n.ToString(null, CultureInfo.InvariantCulture)));
        return new Option<T[]>(name)
        {
            Description = description,
            HelpName = "N,N,...",
            DefaultValueFactory = _ => standard,
            CustomParser = result =>
            {
                var parts = result.Tokens[0].Value.Split(',');
                var numbers = parts.Select(p => T.TryParse(p, CultureInfo.InvariantCulture, out var n) ? (T?)n : null).ToArray();
                if (Array.TrueForAll(numbers, n => n is not null)) return [.. numbers.Select(n => n!.Value)];
                result.AddError($"{name} must be numbers such as {shown}, not '{result.Tokens[0].Value}'.");
                return standard;
            },
        };
    }
}
