using System.Text;

namespace Perk.Faults.Fuzzing;

/// <summary>
/// Which case runs, and since when: for who watches from another thread, and in a file, which is what is left of a case that kills the process.
/// </summary>
internal sealed class CaseJournal : IDisposable
{
    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private volatile Entry? _now;

    /// <summary>Begins one.</summary>
    public CaseJournal(string path, TimeProvider time) => (_file, _time) = (new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0), time);

    /// <summary>The case that runs; null between cases.</summary>
    public (string Family, int Number, TimeSpan For)? Running => _now is { } now ? (now.Family, now.Number, _time.GetElapsedTime(now.Since)) : null;

    /// <summary>Notes that a case begins.</summary>
    public void Begin(string family, int number)
    {
        _file.Position = 0;
        _file.Write(Encoding.UTF8.GetBytes($"--family {family} --only {number}          \n"));
        _now = new Entry(family, number, _time.GetTimestamp());
    }

    /// <summary>Notes that it ended.</summary>
    public void End() => _now = null;

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private sealed record Entry(string Family, int Number, long Since);
}
