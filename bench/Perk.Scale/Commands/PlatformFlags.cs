using System.CommandLine;
using Perk.Cli.Commands;
using Perk.Scale.Parameters;

namespace Perk.Scale.Commands;

/// <summary>How the platform starts and stops replicas.</summary>
internal sealed class PlatformFlags
{
    private static readonly ScalerOptions Scaler = new();
    private static readonly ColdStartOptions Cold = new();
    private readonly Option<int> _min = StandardOption.Create("--min-replicas", "Replicas that always run", Scaler.MinReplicas);
    private readonly Option<double> _poll = StandardOption.Create("--poll", "Seconds between two looks at the queue", Scaler.PollingSeconds);
    private readonly Option<double> _cooldown = StandardOption.Create("--cooldown", "Seconds without a message after which all replicas go", Scaler.CooldownSeconds);
    private readonly Option<bool> _forTheLast = new("--cooldown-for-last") { Description = "Only the last replica goes so, the others by --stabilisation" };
    private readonly Option<double> _window = StandardOption.Create("--stabilisation", "Seconds over which the greatest wish counts before some go", Scaler.StabilisationSeconds);
    private readonly Option<ScaleIn> _scaleIn = new("--scale-in")
    {
        Description = "Which replicas go: any, or those without a message first (which the platform does not offer)",
        DefaultValueFactory = _ => Scaler.ScaleIn,
    };
    private readonly Option<double> _grace = StandardOption.Create("--grace", "Seconds a replica that is to go may work on", Scaler.GraceSeconds);
    private readonly Option<double> _placement = StandardOption.Create("--placement", "Median seconds until a node is found, not billed (assumed)", Cold.PlacementSeconds);
    private readonly Option<double> _image = StandardOption.Create("--image", "Median seconds until the image is there (assumed)", Cold.ImageSeconds);
    private readonly Option<double> _host = StandardOption.Create("--host", "Median seconds until the host is up (assumed)", Cold.HostSeconds);
    private readonly Option<double> _model = StandardOption.Create("--model", "Median seconds until the model is loaded (assumed)", Cold.ModelSeconds);
    private readonly Option<double> _spread = StandardOption.Create("--start-spread", "Standard deviation of the logarithm of each of these four (assumed)", Cold.Spread);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_min, _poll, _cooldown, _forTheLast, _window, _scaleIn, _grace, _placement, _image, _host, _model, _spread];

    /// <summary>What was given of scaling.</summary>
    public ScalerOptions ScalerFrom(ParseResult parsed, int maxReplicas) => new()
    {
        MinReplicas = Math.Min(parsed.GetValue(_min), maxReplicas), MaxReplicas = maxReplicas, PollingSeconds = parsed.GetValue(_poll), CooldownSeconds = parsed.GetValue(_cooldown),
        CooldownIsForTheLast = parsed.GetValue(_forTheLast),
        StabilisationSeconds = parsed.GetValue(_window), ScaleIn = parsed.GetValue(_scaleIn), GraceSeconds = parsed.GetValue(_grace),
    };

    /// <summary>What was given of starting.</summary>
    public ColdStartOptions ColdStartFrom(ParseResult parsed) => new()
    {
        PlacementSeconds = parsed.GetValue(_placement), ImageSeconds = parsed.GetValue(_image), HostSeconds = parsed.GetValue(_host), ModelSeconds = parsed.GetValue(_model),
        Spread = parsed.GetValue(_spread),
    };
}
