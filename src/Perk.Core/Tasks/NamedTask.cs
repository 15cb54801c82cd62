using System.Text.Json.Nodes;

namespace Perk.Core.Tasks;

/// <summary>A task as it was asked for.</summary>
/// <param name="Task">The task.</param>
/// <param name="Length">The asked length in tokens of GPT-2; null where contexts keep their own.</param>
/// <param name="BootstrapSeed">Decides the resamples of intervals.</param>
/// <param name="Options">Everything that decides its problems, the hashes of data files included.</param>
public sealed record NamedTask(IMemoryTask Task, int? Length, int BootstrapSeed, JsonObject Options);
