using System.Globalization;
using Perk.Cli.Terminal;
using Spectre.Console;

namespace Perk.Cli.Demo;

/// <summary>The demo's results, for people and for machines.</summary>
internal static class DemoReport
{
    public static void Show(Screen screen, IReadOnlyList<DemoResult> results)
    {
        foreach (var result in results)
        {
            var (manifest, fall) = (result.Manifest, result.Fall);
            screen.Say("");
            screen.Say($"[bold]{Markup.Escape(result.Document.Title)}[/]: {manifest.Tokens:#,0} tokens in {manifest.Segments} segments, encoded in "
                + $"{Number(manifest.EncodeSeconds, "0.0")} s ({Number(manifest.Tokens * manifest.Losses.Count / manifest.EncodeSeconds, "#,0")} tokens/s over {manifest.Losses.Count} steps)");
            screen.Say($"  adapter {manifest.Adapter}, {Number(manifest.Bytes / 1024.0, "#,0")} KiB");
            var table = new Table().Border(TableBorder.Simple).AddColumns("loss per token (nats)", "before", "after", "fall");
            Row(table, "the encoded text", fall.Before, fall.After);
            Row(table, $"control: {result.Document.ControlTitle}", fall.ControlBefore, fall.ControlAfter);
            screen.Show(table);
            screen.Say($"  The text's fall exceeds the control's by [bold]{Number(fall.Difference.Mean)}[/] "
                + $"(95 % interval {Number(fall.Difference.Low)} to {Number(fall.Difference.High)}, {fall.Pairs} pairs of segments).");
            foreach (var answer in result.Answers)
                screen.Say($"  Q: {Markup.Escape(answer.Question)}\n  A: {Markup.Escape(answer.Answer ?? answer.Reason ?? "")} [dim]({Number(answer.AnswerSeconds)} s)[/]");
        }

        screen.Result(results.Select(r => new { r.Document.Title, control = r.Document.ControlTitle, r.Manifest, r.Fall, r.Answers }));
    }

    private static void Row(Table table, string name, double before, double after) =>
        table.AddRow(Markup.Escape(name), Number(before), Number(after), Number(before - after));

    private static string Number(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);
}
