namespace Perk.Core.Tasks.BabiLong;

/// <summary>A folder of books or other texts, a file each.</summary>
public static class TextFolder
{
    private static readonly string[] Extensions = [".txt.gz", ".txt"];

    /// <summary>The paths of its <c>.txt</c> and <c>.txt.gz</c> files in the order of their names.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="only">Which files, by name without extension; null for all.</param>
    /// <param name="except">Which files not, likewise.</param>
    /// <exception cref="TaskDataException">The folder cannot be read, or a named file is not there.</exception>
    public static IReadOnlyList<string> Files(
        string folder, IReadOnlyCollection<string>? only = null, IReadOnlyCollection<string>? except = null)
    {
        var files = All(folder);
        // A name that is misspelt must not let a book in that was to be held out.
        var named = (only ?? []).Concat(except ?? []);
        if (named.FirstOrDefault(name => files.TrueForAll(f => NameOf(f) != name)) is { } missing)
        {
            throw new TaskDataException(
                folder, $"has no text named '{missing}'; it has {string.Join(", ", files.Select(NameOf))}.");
        }

        return [.. files.Where(f =>
            only?.Contains(NameOf(f), StringComparer.Ordinal) != false
            && except?.Contains(NameOf(f), StringComparer.Ordinal) != true)];
    }

    /// <summary>The name of a file without folder and extension.</summary>
    public static string NameOf(string path)
    {
        var name = Path.GetFileName(path);
        var extension = Array.Find(Extensions, end => name.EndsWith(end, StringComparison.Ordinal)) ?? "";
        return name[..^extension.Length];
    }

    private static List<string> All(string folder)
    {
        try
        {
            return [.. Directory.GetFiles(folder)
                .Where(p => Extensions.Any(end => p.EndsWith(end, StringComparison.Ordinal)))
                .OrderBy(p => Path.GetFileName(p), StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TaskDataException(folder, $"cannot be read as a folder of .txt files: {e.Message}", e);
        }
    }
}
