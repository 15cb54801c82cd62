using System.Text.Json.Nodes;
using Perk.Core.Tasks;

namespace Perk.Cli.Commands;

/// <summary>A task as the command line asked for it.</summary>
/// <param name="Task">The task.</param>
/// <param name="Length">The asked length; null where contexts keep their own.</param>
/// <param name="BootstrapSeed">Decides the resamples of intervals.</param>
/// <param name="Options">Everything that decides its problems, the hashes of data files included.</param>
internal sealed record NamedTask(IMemoryTask Task, int? Length, int BootstrapSeed, JsonObject Options);
