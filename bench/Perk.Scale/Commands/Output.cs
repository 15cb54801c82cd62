using System.CommandLine;
using Perk.Cli.Terminal;
using Spectre.Console;

namespace Perk.Scale.Commands;

/// <summary>How a result is shown: a table for people, for documents (<c>--markdown</c>), or JSON.</summary>
internal sealed class Output
{
    private readonly Option<bool> _json = new("--json") { Description = "The result as JSON" };
    private readonly Option<bool> _markdown = new("--markdown") { Description = "The table as Markdown" };

    /// <summary>Both options.</summary>
    public IEnumerable<Option> All => [_json, _markdown];

    /// <summary>Shows a result.</summary>
    public void Show(ParseResult parsed, object result, IEnumerable<string> columns, IEnumerable<string[]> rows)
    {
        var screen = new Screen(parsed.GetValue(_json));
        var table = new Table().Border(parsed.GetValue(_markdown) ? TableBorder.Markdown : TableBorder.Simple).AddColumns([.. columns]);
        foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        screen.Show(table);
        screen.Result(result);
    }
}
