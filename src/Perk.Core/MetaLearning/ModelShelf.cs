using System.Runtime.CompilerServices;
using Perk.Core.Storage;

namespace Perk.Core.MetaLearning;

/// <summary>
/// Checkpoints in an object store, for processes that have no files of their own: a manifest for each, and its files by their sha256, so that
/// what two checkpoints share (the base model, most often) is there once.
/// </summary>
/// <param name="store">Where they are kept.</param>
public sealed class ModelShelf(IObjectStore store)
{
    /// <summary>The shortest beginning that stands for an id, in digits.</summary>
    public const int ShortestBeginning = 4;

    /// <summary>The manifest of a checkpoint, or null where it was not pushed (to its end).</summary>
    /// <param name="checkpoint">The checkpoint id.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="ModelFileException">The manifest is damaged, or another checkpoint's.</exception>
    public async Task<ModelManifest?> FindAsync(string checkpoint, CancellationToken cancel)
    {
        var name = Names.ModelManifest(checkpoint);
        if (await store.ReadAllBytesAsync(name, cancel) is not { } bytes) return null;
        var manifest = ModelManifest.Parse(bytes, name.ToString());
        return manifest.Checkpoint == checkpoint ? manifest : throw new ModelFileException(name.ToString(), $"is the manifest of checkpoint {manifest.Checkpoint}.");
    }

    /// <summary>The manifest of a checkpoint that must be there.</summary>
    /// <param name="checkpoint">The checkpoint id.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="ModelFileException">It is not, or its manifest is damaged; the message says how to push it.</exception>
    public async Task<ModelManifest> RequireAsync(string checkpoint, CancellationToken cancel) =>
        await FindAsync(checkpoint, cancel) ?? throw Missing(Names.ModelManifest(checkpoint).ToString());

    /// <summary>The id of the one checkpoint that begins with given digits.</summary>
    /// <param name="beginning">4 to 64 lower-case hexadecimal digits.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="ArgumentException">The beginning is not of that form.</exception>
    /// <exception cref="ModelFileException">No checkpoint begins with it, or several do; the message names them.</exception>
    public async Task<string> CompleteAsync(string beginning, CancellationToken cancel)
    {
        if (beginning.Length is < ShortestBeginning or > 64 || !beginning.All(char.IsAsciiHexDigitLower))
            throw new ArgumentException($"{NameRules.Quote(beginning)} is not a checkpoint id; give {ShortestBeginning} to 64 lower-case hexadecimal digits, as perk model list prints them.");
        var found = await IdsAsync(beginning, cancel).Take(4).ToListAsync(cancel);
        var name = $"{Names.Models}/{Names.ModelManifests}{beginning}…";
        return found.Count switch
        {
            1 => found[0],
            0 => throw Missing(name),
            _ => throw new ModelFileException(name, $"is the beginning of several ids ({string.Join(", ", found.Take(3))}{(found.Count > 3 ? ", …" : "")}); give more digits."),
        };
    }

    /// <summary>All checkpoints that were pushed, in the order of their ids; damaged manifests among them.</summary>
    public async IAsyncEnumerable<ShelvedModel> ListAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var id in IdsAsync("", cancel))
        {
            ShelvedModel? found;
            try
            {
                found = await FindAsync(id, cancel) is { } manifest ? new ShelvedModel(id, manifest, null) : null; // Removed meanwhile.
            }
            catch (ModelFileException e)
            {
                found = new ShelvedModel(id, null, e.Message);
            }

            if (found is not null) yield return found;
        }
    }

    /// <summary>Looks what of a checkpoint would have to be sent. Reads and hashes its files, sends nothing.</summary>
    /// <param name="source">The checkpoint.</param>
    /// <param name="now">The time for its manifest.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="ModelFileException">
    /// A file is missing or damaged, the architecture is not supported, the meta-parameters were trained on another base, or a name cannot be one in the store.
    /// </exception>
    /// <exception cref="ArgumentException">An option of untrained meta-parameters is out of range.</exception>
    public Task<ModelPush> PlanAsync(CheckpointSource source, DateTimeOffset now, CancellationToken cancel) => ModelPush.PlanAsync(store, source, now, cancel);

    /// <summary>Opens a file of a checkpoint for reading.</summary>
    /// <returns>A stream, which the caller disposes; null where it is not there.</returns>
    internal Task<Stream?> OpenAsync(string sha256, CancellationToken cancel) => store.OpenReadAsync(Names.ModelPayload(sha256), cancel);

    private async IAsyncEnumerable<string> IdsAsync(string beginning, [EnumeratorCancellation] CancellationToken cancel)
    {
        const string end = ".json";
        await foreach (var path in store.ListAsync(Names.Models, Names.ModelManifests + beginning, cancel))
        {
            if (!path.EndsWith(end, StringComparison.Ordinal)) continue;
            var id = path[Names.ModelManifests.Length..^end.Length];
            if (NameRules.CheckpointIdFault(id) is null) yield return id;
        }
    }

    private static ModelFileException Missing(string name) => new(
        name, "there is no such checkpoint in this storage account. perk model list shows those there are; where the files are, push it: perk model push --model DIR --checkpoint DIR");
}

/// <summary>A checkpoint in a store.</summary>
/// <param name="Checkpoint">Its id.</param>
/// <param name="Manifest">What it consists of; null where that cannot be read.</param>
/// <param name="Fault">Why not.</param>
public sealed record ShelvedModel(string Checkpoint, ModelManifest? Manifest, string? Fault);
