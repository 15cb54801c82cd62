using System.Text.Json.Nodes;
using Perk.Core.Lora;

namespace Perk.Core.MetaLearning;

/// <summary>How meta-parameters that nothing has trained are made.</summary>
public sealed record MetaInitialisation
{
    /// <summary>The adapter's shape.</summary>
    public LoraOptions Lora { get; init; } = new();

    /// <summary>Inner steps there are step sizes for, from 1.</summary>
    public int Steps { get; init; } = 4;

    /// <summary>The step size of every tensor and step, above 0.</summary>
    public double StepSize { get; init; } = 0.002;

    /// <summary>Decides the initial A.</summary>
    public long Seed { get; init; }

    /// <summary>Canonical JSON, part of the checkpoint id.</summary>
    internal JsonObject ToJson() => new()
    {
        ["kind"] = "default",
        ["lora"] = Lora.ToJson(),
        ["steps"] = Steps,
        ["stepSize"] = StepSize,
        ["seed"] = Seed,
    };
}
