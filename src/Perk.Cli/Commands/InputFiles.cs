using System.CommandLine;
using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Cli.Commands;

/// <summary>The files that a command line names.</summary>
internal static class InputFiles
{
    /// <summary>The argument <c>FILE…</c>.</summary>
    public static Argument<string[]> Argument() => PlainArgument.OneOrMore("FILE", "Text files, or folders of them");

    /// <summary>Files as they are; for a folder the files under it, hidden ones excepted, in order of their names.</summary>
    /// <param name="paths">What was named.</param>
    /// <param name="except">A folder that is left out wherever it lies under a named one: the store, which is no input.</param>
    /// <exception cref="IOException">A path does not exist, or there is no file at all.</exception>
    public static IReadOnlyList<string> Of(IEnumerable<string> paths, string? except = null)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (File.Exists(path)) files.Add(path);
            else if (Directory.Exists(path)) files.AddRange(Under(path, except));
            else throw new IOException($"'{path}' does not exist; name a file or a folder.");
        }

        return files.Count > 0 ? files : throw new IOException("There are no files in what was named.");
    }

    /// <summary>Reads a document's bytes.</summary>
    /// <exception cref="DocumentException">It is over the limit, and was not read.</exception>
    public static Task<byte[]> ReadAsync(string file, CancellationToken cancel)
    {
        TextDecoder.RequireLength(new FileInfo(file).Length);
        return File.ReadAllBytesAsync(file, cancel);
    }

    private static IOrderedEnumerable<string> Under(string folder, string? except)
    {
        var left = except is null ? null
            : Path.TrimEndingDirectorySeparator(Path.GetFullPath(except)) + Path.DirectorySeparatorChar;
        return Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true })
            .Where(file => left is null || !Path.GetFullPath(file).StartsWith(left, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>The id of a submitted document: as it is given, or of a file's bytes.</summary>
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static string DocumentId(string named) =>
        File.Exists(named) ? Ids.Sha256OfFile(named)
        : NameRules.DocumentIdFault(named) is null ? named
        : throw new ArgumentException(
            $"'{named}' is neither a file nor a document id (64 lower-case hexadecimal digits, as perk submit prints them).");
}
