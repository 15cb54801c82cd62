using System.CommandLine;

namespace Perk.Cli.Commands;

/// <summary>Arguments that a mistyped option does not pass for.</summary>
internal static class PlainArgument
{
    /// <summary>An argument with one value.</summary>
    public static Argument<string> One(string name, string description) =>
        new Argument<string>(name) { Description = description }.WithoutOptions();

    /// <summary>An argument with at least one value.</summary>
    public static Argument<string[]> OneOrMore(string name, string description) =>
        new Argument<string[]>(name) { Description = description, Arity = ArgumentArity.OneOrMore }.WithoutOptions();

    private static Argument<T> WithoutOptions<T>(this Argument<T> argument)
    {
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value.StartsWith("--", StringComparison.Ordinal)))
                result.AddError($"Option '{token.Value}' is unknown here.");
        });
        return argument;
    }
}
