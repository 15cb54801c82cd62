using System.Text.RegularExpressions;

namespace Perk.Core.Storage;

/// <summary>What both kinds of message ask of their common fields.</summary>
internal static partial class MessageChecks
{
    public static void Require(string field, string? value, Func<string?, string?> rule)
    {
        if (rule(value) is { } fault) throw MessageFormatException.For(field, fault);
    }

    public static void RequireGeneration(int generation)
    {
        if (generation < 1) throw MessageFormatException.For("generation", $"{generation} is too small; the first is 1.");
    }

    public static void RequireTraceparent(string? value)
    {
        if (value is null || TraceparentForm().IsMatch(value)) return;
        throw MessageFormatException.For(
            "traceparent", $"{NameRules.Quote(value)} is not of the W3C form 00-(32 hexadecimal digits)-(16 digits)-(2 digits).");
    }

    [GeneratedRegex(@"\A[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex TraceparentForm();
}
