using System.CommandLine;
using Perk.Cli.Commands;
using Perk.Cli.Terminal;
using Perk.Scale.Parameters;
using Perk.Scale.Replicas;
using Perk.Scale.Runs;

namespace Perk.Scale.Commands;

/// <summary><c>burst</c>: many documents, for several limits of replicas.</summary>
internal static class BurstCommand
{
    private static readonly string[] Columns =
    [
        "max replicas", "drained, min", "99 % done, min", "bound, min", "a document, min", "billed, replica-h", "useful", "cold start", "idle", "cool-down", "lost work", "redeliveries", "poison",
    ];

    public static Command Create()
    {
        var replicas = NumbersOption.Create("--replicas", "Limits of replicas", 1, 2, 4, 8, 16, 32, 64);
        var documents = StandardOption.Create("--documents", "Documents", new BurstOptions().Documents);
        var over = StandardOption.Create("--over", "Seconds over which they come, evenly at random; 0 for at once", new BurstOptions().ArrivalSeconds);
        var seeds = StandardOption.Create("--seeds", "Runs of each limit", 20);
        var seed = StandardOption.Create("--seed", "Decides the first run; the next have the next numbers", 1);
        var (work, platform, faults, output) = (new WorkFlags(), new PlatformFlags(), new FaultFlags(), new Output());
        var command = new Command("burst", "Submit many documents to an app that has scaled to zero") { replicas, documents, over, seeds, seed };
        foreach (var option in (Option[])[.. work.All, .. platform.All, .. faults.All, .. output.All]) command.Add(option);
        command.SetAction((parsed, cancel) => Guarded.RunAsync(async () =>
        {
            var runs = Within.Range(parsed.GetValue(seeds), 1, 10_000, "--seeds");
            BurstOptions[] settings =
            [
                .. parsed.GetValue(replicas)!.Select(limit => new BurstOptions
                {
                    Documents = parsed.GetValue(documents), ArrivalSeconds = parsed.GetValue(over), Work = work.From(parsed), ColdStart = platform.ColdStartFrom(parsed), Faults = faults.From(parsed),
                    Scaler = platform.ScalerFrom(parsed, limit),
                }),
            ];
            var summaries = new List<BurstSummary>();
            await CountBar.ShowAsync("runs", settings.Length * runs, done => Task.Run(
                () =>
                {
                    foreach (var options in settings)
                    {
                        summaries.Add(new BurstSummary(options.Scaler.MaxReplicas, [.. Enumerable.Range(parsed.GetValue(seed), runs).Select(Run)]));

                        BurstResult Run(int number)
                        {
                            var result = Burst.Run(options, number, cancel);
                            done();
                            return result;
                        }
                    }
                },
                cancel));
            output.Show(parsed, summaries, Columns, summaries.Select(Row));
            return ExitCode.Success;
        }, cancel));
        return command;
    }

    private static string[] Row(BurstSummary s) =>
    [
        $"{s.MaxReplicas}", s.Drain.Show(60), s.MostDone.Show(60), s.Bound.Show(60), s.Latency.Show(60), s.Billed.Show(3600),
        .. new[] { s.Share(Spent.Useful), s.Share(Spent.ColdStart), s.Share(Spent.Idle), s.Share(Spent.Cooldown), s.Share(Spent.Failed, Spent.Killed, Spent.Released, Spent.Duplicate) }
            .Select(share => FormattableString.Invariant($"{share * 100:0.0} %")),
        s.Redeliveries.Show(), s.Poison.Show(),
    ];
}
