namespace Perk.Faults.Fuzzing;

/// <summary>An input: one file or several.</summary>
/// <param name="Name">Which of its family's valid samples it was made of.</param>
/// <param name="Files">The bytes of each file by its name, which may have folders ('/').</param>
internal sealed record Sample(string Name, IReadOnlyDictionary<string, byte[]> Files)
{
    /// <summary>An input of one file.</summary>
    public Sample(string name, string file, byte[] bytes)
        : this(name, new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { [file] = bytes })
    {
    }

    /// <summary>The bytes of an input of one file.</summary>
    public byte[] Bytes => Files.Values.Single();

    /// <summary>Bytes of all files.</summary>
    public long Length => Files.Values.Sum(bytes => (long)bytes.Length);

    /// <summary>The same with another file in place of one, or without it.</summary>
    public Sample With(string file, byte[]? bytes)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, content) in Files)
            if (name != file) files.Add(name, content);
        if (bytes is not null) files.Add(file, bytes);
        return this with { Files = files };
    }

    /// <summary>All files of a folder and the folders in it.</summary>
    public static Sample Of(string name, string folder)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
            files.Add(Path.GetRelativePath(folder, path).Replace('\\', '/'), File.ReadAllBytes(path));
        return new Sample(name, files);
    }

    /// <summary>Writes the files into a folder, which is emptied first.</summary>
    public void WriteTo(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in Files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
    }
}
