using System.CommandLine;

namespace Perk.Cli.Commands;

/// <summary>The files that a command line names.</summary>
internal static class InputFiles
{
    /// <summary>The argument <c>FILE…</c>.</summary>
    public static Argument<string[]> Argument() => new("FILE") { Description = "Text files, or folders of them", Arity = ArgumentArity.OneOrMore };

    /// <summary>Files as they are; for a folder the files under it, hidden ones excepted, in order of their names.</summary>
    /// <exception cref="IOException">A path does not exist, or there is no file at all.</exception>
    public static IReadOnlyList<string> Of(IEnumerable<string> paths)
    {
        var files = new List<string>();
        foreach (var path in paths)
        {
            if (File.Exists(path)) files.Add(path);
            else if (Directory.Exists(path)) files.AddRange(Under(path));
            else throw new IOException($"'{path}' does not exist; name a file or a folder.");
        }

        return files.Count > 0 ? files : throw new IOException("There are no files in what was named.");
    }

    private static IOrderedEnumerable<string> Under(string folder) =>
        Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true }).Order(StringComparer.Ordinal);
}
