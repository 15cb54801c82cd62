using System.CommandLine;
using Perk.Cli.Commands;
using Perk.Cli.Terminal;
using Perk.Scale.Parameters;
using Perk.Scale.Runs;

namespace Perk.Scale.Commands;

/// <summary><c>steady</c>: the simulation against queueing theory.</summary>
internal static class SteadyCommand
{
    private static readonly string[] Columns = ["replicas", "load", "service", "theory", "expected wait, s", "simulated wait, s", "difference", "within 95 %"];

    public static Command Create()
    {
        var replicas = NumbersOption.Create("--replicas", "Replicas that always run", 1, 4, 16);
        var loads = NumbersOption.Create("--load", "Shares of their time that they work", 0.5, 0.8, 0.95);
        var batches = StandardOption.Create("--batches", "Batches whose means are compared", new SteadyOptions().Batches);
        var size = StandardOption.Create("--batch", "Documents in a batch", new SteadyOptions().BatchDocuments);
        var seed = StandardOption.Create("--seed", "Decides what is random", 1);
        var (work, output) = (new WorkFlags(), new Output());
        var command = new Command("steady", "Compare mean waiting times with queueing theory: Poisson arrivals, replicas that always run, no faults") { replicas, loads, batches, size, seed };
        foreach (var option in (Option[])[.. work.All, .. output.All]) command.Add(option);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var general = work.From(parsed);
            SteadyOptions[] settings =
            [
                .. from one in (DocumentOptions[])[general with { Lengths = LengthDistribution.Exponential, OverheadSeconds = 0 }, general]
                   from k in parsed.GetValue(replicas)!
                   from load in parsed.GetValue(loads)!
                   select new SteadyOptions { Work = one, Replicas = k, Load = load, Batches = parsed.GetValue(batches), BatchDocuments = parsed.GetValue(size) },
            ];
            var results = new List<SteadyResult>();
            await CountBar.ShowAsync("runs", settings.Length, done => Task.Run(
                () =>
                {
                    foreach (var options in settings)
                    {
                        results.Add(Steady.Run(options, parsed.GetValue(seed), cancel));
                        done();
                    }
                },
                cancel));
            output.Show(parsed, results, Columns, results.Zip(settings, Row));
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static string[] Row(SteadyResult r, SteadyOptions options) =>
    [
        $"{r.Replicas}", FormattableString.Invariant($"{r.Load:0.##}"), $"{options.Work.Lengths}", $"{r.Law}", FormattableString.Invariant($"{r.Expected:0.000}"),
        FormattableString.Invariant($"{r.Wait:0.000} ± {r.HalfWidth:0.000}"),
        FormattableString.Invariant($"{(r.Wait / r.Expected - 1) * 100:+0.0;−0.0;0.0} %"), r.Agrees ? "yes" : "no",
    ];
}
