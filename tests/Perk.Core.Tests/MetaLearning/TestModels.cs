using Perk.Core.Lora;
using Perk.Core.MetaLearning;

namespace Perk.Core.Tests.MetaLearning;

/// <summary>Checkpoints to push, and what befalls folders.</summary>
internal static class TestModels
{
    /// <summary>The checkpoint that ships: Qwen2's architecture, trained meta-parameters, 5 MB.</summary>
    public static CheckpointSource Shipped { get; } = new() { ModelFolder = RepositoryFiles.Shipped, Folder = Path.Combine(RepositoryFiles.Shipped, "memory") };

    /// <summary>Another one on the same base.</summary>
    public static CheckpointSource Registers { get; } = Shipped with { Folder = Path.Combine(RepositoryFiles.Shipped, "registers") };

    /// <summary>1 MB, untrained, with options of its own.</summary>
    public static CheckpointSource Stories { get; } = new()
    {
        ModelFolder = RepositoryFiles.Stories260K,
        Meta = new MetaInitialisation { Lora = new LoraOptions { Rank = 2, Targets = ["q_proj", "down_proj"], Layers = [1] }, Steps = 3, StepSize = 0.0125, Seed = 9 },
    };

    /// <summary>Every file under a folder with its bytes' hash.</summary>
    public static IReadOnlyDictionary<string, string> Files(string folder) => Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(f => Path.GetRelativePath(folder, f), Ids.Sha256OfFile, StringComparer.Ordinal);

    /// <summary>A copy of a folder's files.</summary>
    public static string Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        return to;
    }
}

/// <summary>Calls back on the thread that reports.</summary>
internal sealed class Told(Action<ModelProgress> tell) : IProgress<ModelProgress>
{
    public void Report(ModelProgress value) => tell(value);
}
