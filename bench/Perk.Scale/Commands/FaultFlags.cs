using System.CommandLine;
using Perk.Cli.Commands;
using Perk.Scale.Parameters;

namespace Perk.Scale.Commands;

/// <summary>What goes wrong.</summary>
internal sealed class FaultFlags
{
    private static readonly FaultOptions Standard = new();
    private readonly Option<double> _kills = StandardOption.Create("--kills", "Sudden ends of a process an hour and replica (assumed)", Standard.KillsPerHour);
    private readonly Option<double> _failing = StandardOption.Create("--failing", "The share of tries that fail for a reason that may pass (assumed)", Standard.FailingShare);
    private readonly Option<double> _twice = StandardOption.Create("--twice", "The share of documents whose message is there twice (assumed)", Standard.TwiceShare);
    private readonly Option<int> _killers = StandardOption.Create("--killers", "Documents that kill every process that works on them", Standard.Killers);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_kills, _failing, _twice, _killers];

    /// <summary>What was given.</summary>
    public FaultOptions From(ParseResult parsed) => new()
    {
        KillsPerHour = parsed.GetValue(_kills), FailingShare = parsed.GetValue(_failing), TwiceShare = parsed.GetValue(_twice), Killers = parsed.GetValue(_killers),
    };
}
