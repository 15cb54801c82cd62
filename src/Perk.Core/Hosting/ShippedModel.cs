using Perk.Core.MetaLearning;

namespace Perk.Core.Hosting;

/// <summary>The model that ships beside the program.</summary>
public static class ShippedModel
{
    /// <summary>The base model's folder.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "models", "perk-1m");

    /// <summary>The meta-parameters for stories.</summary>
    public static string Checkpoint { get; } = Path.Combine(Folder, "memory");

    /// <summary>The meta-parameters for registers of one record a line.</summary>
    public static string Registers { get; } = Path.Combine(Folder, "registers");

    /// <summary>Base and meta-parameters as a host takes them that is told nothing.</summary>
    public static CheckpointSource Source { get; } = new() { ModelFolder = Folder, Folder = Checkpoint };
}
