using Perk.Core.Documents;
using Perk.Core.Models;
using Perk.Core.Storage;

namespace Perk.Core.MetaLearning;

/// <summary>A file of a checkpoint on this machine.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="File">Its name, sha256 and length.</param>
internal sealed record LocalModelFile(string Path, StoredFile File)
{
    private const long LongestNotice = 1 << 20;

    /// <summary>Texts that go along with weights: a copy without them may break a licence.</summary>
    private static readonly string[] Notices = ["LICENSE", "LICENCE", "NOTICE", "README"];

    /// <summary>The files of a base model's folder that are needed to load it, and its notices; hashed.</summary>
    /// <exception cref="ModelFileException">One is missing, cannot be read or has a name that cannot be one in a store.</exception>
    public static Task<IReadOnlyList<LocalModelFile>> OfBaseAsync(CheckpointSource source, CancellationToken cancel)
    {
        if (!Directory.Exists(source.ModelFolder)) throw new ModelFileException(source.ModelFolder, "is not a folder; expected a Hugging Face model folder.");
        string[] index = FolderWeights.IndexIn(source.ModelFolder) is { } path ? [path] : [];
        return HashAsync([.. source.BasePaths(), .. index, .. NoticesIn(source.ModelFolder)], cancel);
    }

    /// <summary>The files of a folder of trained meta-parameters, and its notices; hashed.</summary>
    /// <exception cref="ModelFileException">One is missing or cannot be read.</exception>
    public static Task<IReadOnlyList<LocalModelFile>> OfTrainedAsync(CheckpointSource source, CancellationToken cancel) =>
        HashAsync(source.Folder is { } folder ? [.. CheckpointFolder.Files(folder), .. NoticesIn(folder)] : [], cancel);

    /// <summary>Opens it.</summary>
    /// <exception cref="ModelFileException">It cannot be read.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.Read, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(path, $"cannot be read: {e.Message}", e);
        }
    }

    private static IEnumerable<string> NoticesIn(string folder) => Directory.EnumerateFiles(folder)
        .Where(file => System.IO.Path.GetFileName(file) is var name && Notices.Any(n => name.StartsWith(n, StringComparison.OrdinalIgnoreCase))
            && NameRules.ModelNameFault(name) is null && new FileInfo(file).Length <= LongestNotice)
        .Order(StringComparer.Ordinal);

    private static async Task<IReadOnlyList<LocalModelFile>> HashAsync(IReadOnlyList<string> paths, CancellationToken cancel)
    {
        var files = new List<LocalModelFile>();
        foreach (var path in paths)
        {
            var name = System.IO.Path.GetFileName(path);
            if (NameRules.ModelNameFault(name) is { } fault) throw new ModelFileException(path, fault);
            await using var content = Open(path);
            files.Add(new LocalModelFile(path, new StoredFile(name, await Ids.Sha256Async(content, cancel), content.Length)));
        }

        return files;
    }
}
