using System.Globalization;
using Perk.Cli.Terminal;
using Perk.Core.Documents;
using Spectre.Console;

namespace Perk.Cli.Demo;

/// <summary>The demo's results, for people and for machines.</summary>
internal static class DemoReport
{
    public static void Show(Screen screen, IReadOnlyList<DemoResult> results)
    {
        foreach (var result in results)
        {
            var manifest = result.Manifest;
            screen.Say("");
            screen.Say($"[bold]{Markup.Escape(result.Document.Title)}[/]: {manifest.Tokens:#,0} tokens in {manifest.Segments} segments, encoded in "
                + $"{Number(manifest.EncodeSeconds, "0.0")} s ({Number(manifest.Tokens * manifest.Losses.Count / manifest.EncodeSeconds, "#,0")} tokens/s)");
            screen.Say($"  adapter {manifest.Adapter}, {Number(manifest.Bytes / 1024.0, "#,0")} KiB");
            var table = new Table().Border(TableBorder.Simple).AddColumns("question", "right", "its adapter", "from the line", "another document's adapter");
            foreach (var answer in result.Answers)
            {
                table.AddRow(
                    Markup.Escape(answer.Question.Text), Markup.Escape(answer.Question.Answers[0]), Marked(answer.Own, answer.Right),
                    Markup.Escape(string.Join(' ', answer.Own.Support.Select(s => s.Text))), Marked(answer.Other, answer.OtherRight));
            }

            screen.Show(table);
        }

        var answers = results.SelectMany(r => r.Answers).ToList();
        screen.Say($"[bold]{answers.Count(a => a.Right)} of {answers.Count} right[/] without the documents; "
            + $"with another document's adapter {answers.Count(a => a.OtherRight)} of {answers.Count}.");
        screen.Result(new
        {
            questions = answers.Count,
            right = answers.Count(a => a.Right),
            otherRight = answers.Count(a => a.OtherRight),
            documents = results.Select(r => new
            {
                r.Document.Title,
                r.Manifest,
                answers = r.Answers.Select(a => new { question = a.Question.Text, gold = a.Question.Answers[0], a.Right, a.Own, a.OtherRight, a.Other }),
            }),
        });
    }

    private static string Marked(StoredAnswer answer, bool right) =>
        right ? $"[green]{Markup.Escape(answer.Answer ?? "")}[/]" : $"[red]{Markup.Escape(answer.Answer ?? answer.Reason ?? "")}[/]";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
