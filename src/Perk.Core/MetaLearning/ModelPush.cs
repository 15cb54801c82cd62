using Perk.Core.Documents;
using Perk.Core.Models;
using Perk.Core.Storage;

namespace Perk.Core.MetaLearning;

/// <summary>A checkpoint on its way into a store: payloads first and streamed, the manifest last.</summary>
/// <remarks>
/// Payloads are named by their sha256, and one that is there is not sent again: a push that was cut off goes on where it was, and two at once end
/// in one checkpoint.
/// </remarks>
public sealed class ModelPush
{
    private readonly IObjectStore _store;
    private readonly IReadOnlyList<LocalModelFile> _missing;
    private readonly bool _replaces;

    private ModelPush(IObjectStore store, ModelManifest manifest, IReadOnlyList<LocalModelFile>? missing, bool replaces) =>
        (_store, Manifest, _missing, IsThere, _replaces) = (store, manifest, missing ?? [], missing is null, replaces);

    /// <summary>What the checkpoint consists of.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>Whether all of it is in the store already.</summary>
    public bool IsThere { get; }

    /// <summary>The files that the store does not have yet.</summary>
    public IReadOnlyList<StoredFile> Missing => [.. _missing.Select(m => m.File)];

    /// <summary>Sends what is missing, then the manifest; does nothing where all of it is there.</summary>
    /// <param name="progress">Is told of bytes as they are read to be sent; null for nobody.</param>
    /// <param name="cancel">Cancels; a file that was sent whole is not sent again by the next push.</param>
    /// <returns>The manifest as stored: another process's where that came first.</returns>
    /// <exception cref="ModelFileException">A file is not what it was when it was hashed.</exception>
    public async Task<ModelManifest> SendAsync(IProgress<ModelProgress>? progress, CancellationToken cancel)
    {
        if (IsThere) return Manifest;
        var (done, total) = (0L, _missing.Sum(m => m.File.Length));
        foreach (var (path, file) in _missing)
        {
            await using var content = new ModelTransfer(
                LocalModelFile.Open(path), file,
                found => new ModelFileException(path, $"was changed while it was pushed: {found}. Push again when nothing writes to it."),
                passed => progress?.Report(new ModelProgress(done += passed, total)));
            await _store.WriteAsync(Names.ModelPayload(file.Sha256), content, cancel);
        }

        var (name, json) = (Names.ModelManifest(Manifest.Checkpoint), Manifest.ToJson());
        if (_replaces) await _store.WriteAsync(name, json, cancel);
        else if (!await _store.TryCreateAsync(name, json, cancel)) return await new ModelShelf(_store).RequireAsync(Manifest.Checkpoint, cancel);
        return Manifest;
    }

    internal static async Task<ModelPush> PlanAsync(IObjectStore store, CheckpointSource source, DateTimeOffset now, CancellationToken cancel)
    {
        if (NameRules.ModelNameFault(source.ModelName) is { } fault) throw new ModelFileException(source.ModelFolder, $"{fault} The model is named by its folder; rename it.");
        var (files, trained) = (await LocalModelFile.OfBaseAsync(source, cancel), await LocalModelFile.OfTrainedAsync(source, cancel));
        var manifest = Describe(source, files, trained, now);
        var there = await ThereAsync(store, manifest.Checkpoint, cancel);

        // Notices are no part of the id: where somebody has pushed it with others, those stand.
        if (there.Manifest is { } whole && (await LackingAsync(store, whole.Files, cancel)).Count == 0) return new ModelPush(store, whole, missing: null, replaces: false);
        var lacking = await LackingAsync(store, manifest.Files, cancel);
        var missing = files.Concat(trained).Where(f => lacking.Contains(f.File.Sha256)).DistinctBy(f => f.File.Sha256, StringComparer.Ordinal);
        return new ModelPush(store, manifest, [.. missing], there.Replace);
    }

    private static ModelManifest Describe(
        CheckpointSource source, IReadOnlyList<LocalModelFile> files, IReadOnlyList<LocalModelFile> trained, DateTimeOffset now)
    {
        // What no host could load is refused before gigabytes are sent.
        ModelConfig.Load(Path.Combine(source.ModelFolder, "config.json"));
        var hashes = files.Concat(trained).ToDictionary(f => f.Path, f => f.File.Sha256, StringComparer.Ordinal);
        var settings = source.Settings();
        if (settings is null) source.Meta.Lora.Validated();
        else source.RequireBase(settings, path => hashes[path]);
        return new ModelManifest
        {
            Schema = ModelManifest.CurrentSchema,
            Checkpoint = source.Id(path => hashes[path]),
            BaseModel = source.ModelName,
            Base = [.. files.Select(f => f.File)],
            Trained = [.. trained.Select(f => f.File)],
            Settings = settings,
            Meta = settings is null ? source.Meta : null,
            Pushed = now,
            Versions = LibraryVersions.Current,
        };
    }

    /// <summary>A manifest that is there, and whether one is there that has to be replaced unless it is whole.</summary>
    private static async Task<(ModelManifest? Manifest, bool Replace)> ThereAsync(IObjectStore store, string checkpoint, CancellationToken cancel)
    {
        try
        {
            var manifest = await new ModelShelf(store).FindAsync(checkpoint, cancel);
            return (manifest, manifest is not null);
        }
        catch (ModelFileException e) when (e is not NewerManifestException)
        {
            return (null, true); // Damaged: this push mends it.
        }
    }

    /// <summary>The sha256 of those files whose payload is not there in its length.</summary>
    private static async Task<HashSet<string>> LackingAsync(IObjectStore store, IEnumerable<StoredFile> files, CancellationToken cancel)
    {
        var lacking = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files.DistinctBy(f => f.Sha256, StringComparer.Ordinal))
        {
            await using var payload = await store.OpenReadAsync(Names.ModelPayload(file.Sha256), cancel);
            if (payload?.Length != file.Length) lacking.Add(file.Sha256);
        }

        return lacking;
    }
}
