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
    /// <summary>Wide enough that nothing is wrapped: a pipe has no right margin, and scripts search whole lines.</summary>
    private const int NoMargin = 10_000;

    private const int ShortId = 8;

    /// <summary>Standard error.</summary>
    public static IAnsiConsole Error { get; } = Open(Console.Error, Console.IsErrorRedirected);

    private static IAnsiConsole Output { get; } = Open(Console.Out, Console.IsOutputRedirected);

    /// <summary>Says something to people; nothing with <c>--json</c>.</summary>
    /// <param name="markup">Spectre markup: escape what comes from outside.</param>
    public void Say(string markup)
    {
        if (!json) Output.MarkupLine(markup);
    }

    /// <summary>Shows a table to people; nothing with <c>--json</c>.</summary>
    public void Show(IRenderable what)
    {
        if (!json) Output.Write(what);
    }

    /// <summary>The command's result, for machines.</summary>
    public void Result(object result)
    {
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(result, Json.Indented));
    }

    /// <summary>An id in a table: its beginning on a terminal, where the whole would be broken; the whole elsewhere.</summary>
    public static string Id(string id) => Console.IsOutputRedirected ? id : id[..Math.Min(ShortId, id.Length)];

    /// <summary>An error line on standard error, not wrapped: scripts search it.</summary>
    public static void Fail(string message) => Console.Error.WriteLine("error: " + message);

    /// <summary>Says on standard error what the command goes on without; above a bar where there is one.</summary>
    public static void Warn(string message) => Error.MarkupLine(Markup.Escape("warning: " + message));

    private static IAnsiConsole Open(TextWriter to, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(to) });
        if (redirected) console.Profile.Width = NoMargin;
        return console;
    }
}
