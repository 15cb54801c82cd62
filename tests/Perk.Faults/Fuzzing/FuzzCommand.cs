using System.CommandLine;
using Perk.Cli.Commands;
using Perk.Cli.Terminal;
using Spectre.Console;

namespace Perk.Faults.Fuzzing;

/// <summary><c>fuzz</c>: damaged messages, records and files, which every reader must refuse clearly or accept for use.</summary>
internal static class FuzzCommand
{
    public static Command Create()
    {
        var cases = StandardOption.Create("--cases", "How many cases, over all families", 10_000);
        var seed = StandardOption.Create("--seed", "Decides the inputs", 1);
        var family = new Option<string?>("--family") { Description = "One kind of input alone", HelpName = "NAME" };
        var only = new Option<int?>("--only") { Description = "One case alone, by its number", HelpName = "N" };
        var write = new Option<string?>("--write") { Description = "Write the input of the case --only names into this folder, and run nothing", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "The report as JSON" };
        var command = new Command("fuzz", "Damage what the product reads: each input must be refused clearly, or accepted and of use") { cases, seed, family, only, write, json };
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var options = new FuzzOptions { Cases = parsed.GetValue(cases), Seed = parsed.GetValue(seed), Only = parsed.GetValue(only) };
            if (options.Cases < 1) throw new ArgumentException($"--cases is {options.Cases}; use 1 or more.");
            if (options.Only < 0) throw new ArgumentException($"--only is {options.Only}; use a case's number, from 0.");
            using var folder = new FuzzFolder();
            using var families = new Families.AllFamilies(folder);
            var chosen = families.Named(parsed.GetValue(family));
            if (parsed.GetValue(write) is { } to) return Write(chosen, options, to);

            var screen = new Screen(parsed.GetValue(json));
            using var journal = new CaseJournal(folder.File("case"), TimeProvider.System);
            screen.Say(Markup.Escape($"Should the process die, {folder.File("case")} names the case."));
            var report = await FuzzBar.ShowAsync(new FuzzRun(chosen, options, journal), cancel);
            Show(screen, report);
            return report.Violations == 0 ? ExitCode.Success : ExitCode.Failure;
        }, cancel));
        return command;
    }

    private static int Write(IReadOnlyList<Family> chosen, FuzzOptions options, string folder)
    {
        if (chosen is not [var family] || options.Only is not { } number) throw new ArgumentException("--write needs --family and --only.");
        FuzzCase.Draw(family, options.Seed, number).WriteTo(folder);
        return ExitCode.Success;
    }

    private static void Show(Screen screen, FuzzReport report)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("family", "cases", "accepted", "refused", "violations", "exceptions");
        foreach (var family in report.Families)
        {
            table.AddRow([.. new[]
            {
                family.Family, $"{family.Cases}", $"{family.Accepted}", $"{family.Refused}", $"{family.Violations}", string.Join(", ", family.Exceptions.Select(e => $"{e.Key} {e.Value}")),
            }.Select(Markup.Escape)]);
        }

        screen.Show(table);
        if (report.Violations > 0) screen.Say(Markup.Escape(report.Describe()));
        screen.Say(FormattableString.Invariant($"{report.Cases} cases in {report.Seconds:0.0} s: {report.Violations} violation(s)."));
        screen.Result(report);
    }
}
