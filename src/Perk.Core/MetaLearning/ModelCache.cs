using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Core.MetaLearning;

/// <summary>
/// Pushed checkpoints as folders on this machine: <c>{folder}/{checkpoint id}/base/{model name}</c> and, for trained ones, <c>{checkpoint id}/trained</c>.
/// </summary>
/// <remarks>
/// Files are written into <c>{checkpoint id}.half</c>, each checked as it is written, and the whole folder gets its name by one renaming: under that name nothing is
/// ever half there. All of it is hashed again before each use; what is damaged is thrown away and fetched again. Processes that share a folder take turns by <c>{checkpoint id}.lock</c>.
/// </remarks>
/// <param name="store">Where checkpoints are pushed to.</param>
/// <param name="folder">The folder, made where it is missing; null for the user's cache.</param>
public sealed class ModelCache(IObjectStore store, string? folder = null)
{
    private const int Piece = 1 << 20;
    private readonly ModelShelf _shelf = new(store);

    /// <summary>The folder.</summary>
    public string Folder { get; } = Path.GetFullPath(folder ?? UserCache.Folder("models"));

    /// <summary>Gets a checkpoint onto this machine, or finds that it is there and whole.</summary>
    /// <param name="checkpoint">The checkpoint id, 64 hexadecimal digits.</param>
    /// <param name="progress">Is told of bytes as they arrive, from any thread; null for nobody.</param>
    /// <param name="cancel">Cancels; nothing half-written stays.</param>
    /// <returns>Its files, with the name and id it was pushed with.</returns>
    /// <exception cref="ModelFileException">
    /// It was not pushed; a payload is missing or not what the manifest says, which names file, expected and found; or this machine's folder cannot be written.
    /// </exception>
    /// <exception cref="ArgumentException">The id is none.</exception>
    public async Task<CheckpointSource> FetchAsync(string checkpoint, IProgress<ModelProgress>? progress, CancellationToken cancel)
    {
        var manifest = await _shelf.RequireAsync(checkpoint, cancel);
        var place = Path.Combine(Folder, checkpoint);
        try
        {
            Directory.CreateDirectory(Folder);
            using var alone = await FileLock.AcquireAsync(place + ".lock", cancel);
            if (await IsWholeAsync(place, manifest, cancel)) return SourceIn(place, manifest);
            Discard(place);
            Discard(place + ".half"); // Of a process that was killed: the lock is ours.
            return await DownloadAsync(place, manifest, progress, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(place, $"cannot be written ({e.Message.TrimEnd('.')}). The checkpoint takes {manifest.Bytes >> 20} MiB; make room, or name another folder ({UserCache.Variable} moves the user's cache).", e);
        }
    }

    private async Task<CheckpointSource> DownloadAsync(string place, ModelManifest manifest, IProgress<ModelProgress>? progress, CancellationToken cancel)
    {
        var half = place + ".half";
        try
        {
            var (done, total) = (0L, manifest.Bytes);
            foreach (var (folder, files) in Folders(half, manifest))
            {
                Directory.CreateDirectory(folder);
                foreach (var file in files)
                    await DownloadAsync(manifest, file, Path.Combine(folder, file.Name), passed => progress?.Report(new ModelProgress(done += passed, total)), cancel);
            }

            RequireId(half, manifest);
            Directory.Move(half, place);
            return SourceIn(place, manifest);
        }
        catch
        {
            Discard(half);
            throw;
        }
    }

    private async Task DownloadAsync(ModelManifest manifest, StoredFile file, string path, Action<int> passed, CancellationToken cancel)
    {
        var name = Names.ModelPayload(file.Sha256).ToString();
        var what = $"{file.Name} of checkpoint {manifest.Checkpoint} ({manifest.BaseModel})";
        const string cure = "Remove this blob and push the checkpoint again where its files are.";
        await using var content = new ModelTransfer(
            await _shelf.OpenAsync(file.Sha256, cancel) ?? throw new ModelFileException(name, $"is missing; it is {what}. Push the checkpoint again where its files are."), file,
            found => new ModelFileException(name, $"is not {what}: {found}. {cure}"), passed);
        await using var to = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
        var piece = new byte[Piece];
        while (await NextAsync() is > 0 and var read) await to.WriteAsync(piece.AsMemory(0, read), cancel);

        async Task<int> NextAsync()
        {
            try
            {
                return await content.ReadAsync(piece, cancel);
            }
            catch (IOException e)
            {
                throw new ModelFileException(name, $"could not be read to its end: {e.Message}", e); // Not this machine's disk.
            }
        }
    }

    /// <summary>Whether a folder is there with exactly the files of a manifest, each with its bytes.</summary>
    private static async Task<bool> IsWholeAsync(string place, ModelManifest manifest, CancellationToken cancel)
    {
        if (!Directory.Exists(place)) return false;
        try
        {
            foreach (var (folder, files) in Folders(place, manifest))
            {
                // One more is one too many: it might be a part of another tokenizer, and of the id.
                var there = Directory.EnumerateFileSystemEntries(folder).Select(p => Path.GetFileName(p)).ToHashSet(StringComparer.Ordinal);
                if (!there.SetEquals(files.Select(f => f.Name))) return false;
                foreach (var file in files)
                {
                    await using var content = LocalModelFile.Open(Path.Combine(folder, file.Name));
                    if (content.Length != file.Length || await Ids.Sha256Async(content, cancel) != file.Sha256) return false;
                }
            }

            RequireId(place, manifest);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ModelFileException)
        {
            return false;
        }
    }

    /// <summary>Refuses files that are as the manifest lists them, and are not those of the checkpoint that it says it is of.</summary>
    private static void RequireId(string place, ModelManifest manifest)
    {
        var source = SourceIn(place, manifest);
        var hashes = Folders(place, manifest).SelectMany(f => f.Files.Select(file => (Path: Path.Combine(f.Folder, file.Name), file.Sha256)))
            .ToDictionary(f => f.Path, f => f.Sha256, StringComparer.Ordinal);
        var name = Names.ModelManifest(manifest.Checkpoint).ToString();
        var id = source.Id(path => hashes.TryGetValue(path, out var hash) ? hash : throw new ModelFileException(name, $"does not list {Path.GetFileName(path)}, which the checkpoint needs."));
        if (id != manifest.Checkpoint) throw new ModelFileException(name, $"lists the files of checkpoint {id}, expected {manifest.Checkpoint}. Remove this blob and push the checkpoint again.");
        if (source.Settings() is { } settings && !settings.ToJson().AsSpan().SequenceEqual(manifest.Settings!.ToJson()))
            throw new ModelFileException(name, $"has other settings than {CheckpointSettings.FileName}, which it lists. Remove this blob and push the checkpoint again.");
    }

    private static CheckpointSource SourceIn(string place, ModelManifest manifest) => new()
    {
        ModelFolder = BaseIn(place, manifest),
        Folder = manifest.Trained.Count > 0 ? TrainedIn(place) : null,
        Meta = manifest.Meta ?? new MetaInitialisation(),
    };

    private static IEnumerable<(string Folder, IReadOnlyList<StoredFile> Files)> Folders(string place, ModelManifest manifest)
    {
        yield return (BaseIn(place, manifest), manifest.Base);
        if (manifest.Trained.Count > 0) yield return (TrainedIn(place), manifest.Trained);
    }

    private static string BaseIn(string place, ModelManifest manifest) => Path.Combine(place, "base", manifest.BaseModel);

    private static string TrainedIn(string place) => Path.Combine(place, "trained");

    private static void Discard(string place)
    {
        var old = place + ".old";
        if (Directory.Exists(old)) Directory.Delete(old, recursive: true); // of a process that was killed here
        if (!Directory.Exists(place)) return;
        Directory.Move(place, old); // Under its name a folder is whole or gone.
        Directory.Delete(old, recursive: true);
    }
}
