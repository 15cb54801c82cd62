using System.CommandLine;
using Perk.Cli.Commands;
using Perk.Scale.Parameters;

namespace Perk.Scale.Commands;

/// <summary>How long documents take.</summary>
internal sealed class WorkFlags
{
    private static readonly DocumentOptions Standard = new();
    private readonly Option<double> _tokens = StandardOption.Create("--tokens", "Mean length of a document in the model's tokens (assumed)", Standard.MeanTokens);
    private readonly Option<double> _spread = StandardOption.Create("--spread", "Standard deviation of the lengths' logarithm; 0 makes all alike (assumed)", Standard.Spread);
    private readonly Option<int> _steps = StandardOption.Create("--steps", "Inner steps; the checkpoint that ships has 2", Standard.InnerSteps);
    private readonly Option<double> _rate = StandardOption.Create("--rate", "Tokens a second, each inner step's counted (measured on two CPU cores; no GPU's is known)", Standard.TokensPerSecond);
    private readonly Option<double> _overhead = StandardOption.Create("--overhead", "Seconds of each delivery that do not grow with the document (assumed)", Standard.OverheadSeconds);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_tokens, _spread, _steps, _rate, _overhead];

    /// <summary>What was given.</summary>
    public DocumentOptions From(ParseResult parsed) => new()
    {
        MeanTokens = parsed.GetValue(_tokens), Spread = parsed.GetValue(_spread), InnerSteps = parsed.GetValue(_steps), TokensPerSecond = parsed.GetValue(_rate),
        OverheadSeconds = parsed.GetValue(_overhead),
    };
}
