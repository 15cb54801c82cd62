using System.Text.RegularExpressions;

namespace Perk.Core.Storage;

/// <summary>What names and ids may look like. Each rule answers null for a good value, else a sentence.</summary>
public static partial class NameRules
{
    /// <summary>Characters in the longest question id.</summary>
    public const int LongestQuestionId = 128;

    internal const string EncodeJobPrefix = "encode-";
    internal const string AskJobPrefix = "ask-";
    internal const string EvaluateJobPrefix = "evaluate-";

    /// <summary>A collection: 1 to 63 of a–z, 0–9 and '-', beginning and ending with a letter or digit.</summary>
    public static string? CollectionFault(string? value) => value is not null && CollectionForm().IsMatch(value)
        ? null
        : $"{Quote(value)} is not a collection name: 1 to 63 lower-case letters, digits and '-', with a letter "
            + "or digit at both ends.";

    /// <summary>A document id: the SHA-256 of its bytes.</summary>
    public static string? DocumentIdFault(string? value) => HexFault(value, 64, "a document id");

    /// <summary>A checkpoint id: a SHA-256.</summary>
    public static string? CheckpointIdFault(string? value) => HexFault(value, 64, "a checkpoint id");

    /// <summary>The SHA-256 of a file.</summary>
    public static string? Sha256Fault(string? value) => HexFault(value, 64, "a sha256");

    /// <summary>The name of a base model or of a file of it: a folder and a file that every system can have.</summary>
    public static string? ModelNameFault(string? value) => value is not null && QuestionIdForm().IsMatch(value)
        ? null
        : $"{Quote(value)} is not a name of a model or of a file of one: 1 to {LongestQuestionId} of A-Z, a-z, 0-9, '.', '_' and '-', neither beginning nor ending with '.'.";

    /// <summary>An adapter id: the first half of a SHA-256.</summary>
    public static string? AdapterIdFault(string? value) => HexFault(value, 32, "an adapter id");

    /// <summary>A question id, which the caller chooses.</summary>
    public static string? QuestionIdFault(string? value) => value is not null && QuestionIdForm().IsMatch(value)
        ? null
        : $"{Quote(value)} is not a question id: 1 to {LongestQuestionId} of A-Z, a-z, 0-9, '.', '_' and '-', "
            + "neither beginning nor ending with '.'.";

    /// <summary>A batch, which the caller names; of the form of a question id.</summary>
    public static string? BatchFault(string? value) => value is not null && QuestionIdForm().IsMatch(value)
        ? null
        : $"{Quote(value)} is not the name of a batch: 1 to {LongestQuestionId} of A-Z, a-z, 0-9, '.', '_' and '-', neither beginning nor ending with '.'.";

    /// <summary>The id of an encode job.</summary>
    public static string? EncodeJobFault(string? value) => Prefixed(value, EncodeJobPrefix, AdapterIdFault)
        ? null
        : $"{Quote(value)} is not the id of an encode job: '{EncodeJobPrefix}' and an adapter id of 32 lower-case "
            + "hexadecimal digits.";

    /// <summary>The id of an ask job.</summary>
    public static string? AskJobFault(string? value) => Prefixed(value, AskJobPrefix, QuestionIdFault)
        ? null
        : $"{Quote(value)} is not the id of an ask job: '{AskJobPrefix}' and a question id.";

    /// <summary>The name of a suite of evaluations, or of an entry of one; of the form of a collection.</summary>
    public static string? SuiteFault(string? value) => value is not null && CollectionForm().IsMatch(value)
        ? null
        : $"{Quote(value)} is not the name of a suite or of an entry of one: 1 to 63 lower-case letters, digits and '-', with a letter or digit at both ends.";

    /// <summary>The id of an evaluate job.</summary>
    public static string? EvaluateJobFault(string? value) => Prefixed(value, EvaluateJobPrefix, SuiteFault)
        ? null
        : $"{Quote(value)} is not the id of an evaluate job: '{EvaluateJobPrefix}' and the name of a suite.";

    /// <summary>The id of a job of any kind.</summary>
    public static string? JobFault(string? value) =>
        EncodeJobFault(value) is null || AskJobFault(value) is null || EvaluateJobFault(value) is null
            ? null
            : $"{Quote(value)} is not a job id: '{EncodeJobPrefix}' and an adapter id, '{AskJobPrefix}' and a question id, or '{EvaluateJobPrefix}' and the name of a suite.";

    /// <summary>Returns the value, or throws a <see cref="NameException"/> with the rule's sentence.</summary>
    internal static string Good(string value, Func<string?, string?> rule, string parameter) =>
        rule(value) is { } fault ? throw new NameException(fault, parameter) : value;

    /// <summary>The value as an error message shows it: quoted, control characters masked, cut where it is long.</summary>
    internal static string Quote(string? value) => value is null ? "null" : $"'{Excerpt.Of(value)}'";

    private static bool Prefixed(string? value, string prefix, Func<string?, string?> rest) =>
        value is not null && value.StartsWith(prefix, StringComparison.Ordinal) && rest(value[prefix.Length..]) is null;

    private static string? HexFault(string? value, int digits, string what) =>
        value is not null && value.Length == digits && value.All(char.IsAsciiHexDigitLower)
            ? null
            : $"{Quote(value)} is not {what}: {digits} lower-case hexadecimal digits.";

    // \z and not $, which would let a trailing newline pass.
    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex CollectionForm();

    [GeneratedRegex(@"\A[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9_-])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex QuestionIdForm();
}

/// <summary>A name or id that is not of its form.</summary>
public sealed class NameException : ArgumentException
{
    private readonly string _fault;

    /// <summary>A fault.</summary>
    /// <param name="fault">What is wrong and what would be right.</param>
    /// <param name="parameter">Which.</param>
    public NameException(string fault, string parameter)
        : base(fault, parameter) => _fault = fault;

    /// <summary>The sentence alone.</summary>
    public override string Message => _fault;
}
