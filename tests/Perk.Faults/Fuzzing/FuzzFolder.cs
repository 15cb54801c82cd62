namespace Perk.Faults.Fuzzing;

/// <summary>A folder for the files of a run, which goes away with it.</summary>
internal sealed class FuzzFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("perk-fuzz-").FullName;

    /// <summary>The path of a file or folder in it.</summary>
    public string File(string name) => Path.Combine(_path, name);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_path, recursive: true);
}
