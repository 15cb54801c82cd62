using System.Text.Json;
using Perk.Core;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Perk.Cli.Terminal;

/// <summary>
/// Where a command writes: results on standard output, for people or (<c>--json</c>) for machines; progress and errors on standard
/// error, so that neither disturbs a pipe.
/// </summary>
/// <param name="json">Whether results are one JSON value and nothing else.</param>
internal sealed class Screen(bool json)
{
    /// <summary>Standard error.</summary>
    public static IAnsiConsole Error { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Says something to people; nothing with <c>--json</c>.</summary>
    /// <param name="markup">Spectre markup: escape what comes from outside.</param>
    public void Say(string markup)
    {
        if (!json) AnsiConsole.MarkupLine(markup);
    }

    /// <summary>Shows a table to people; nothing with <c>--json</c>.</summary>
    public void Show(IRenderable what)
    {
        if (!json) AnsiConsole.Write(what);
    }

    /// <summary>The command's result, for machines.</summary>
    public void Result(object result)
    {
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(result, Json.Indented));
    }

    /// <summary>An error line on standard error, not wrapped: scripts search it.</summary>
    public static void Fail(string message) => Console.Error.WriteLine("error: " + message);
}
