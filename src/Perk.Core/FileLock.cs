namespace Perk.Core;

/// <summary>Mutual exclusion between processes (and within one) by a file that is held open exclusively.</summary>
public static class FileLock
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until nobody else holds the file, then holds it.</summary>
    /// <param name="path">The lock file. It is created if need be and stays: its content means nothing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The held lock. Disposing of it, or the end of the process, lets the next one in.</returns>
    /// <exception cref="IOException">The file cannot be opened for another reason than being held.</exception>
    public static async Task<IDisposable> AcquireAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeldByAnother(e))
            {
                await Task.Delay(Wait, cancellationToken);
            }
        }
    }

    /// <summary>ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION on Windows, EWOULDBLOCK on Linux (11) and macOS (35).</summary>
    private static bool IsHeldByAnother(IOException e) =>
        OperatingSystem.IsWindows() ? (e.HResult & 0xFFFF) is 32 or 33 : e.HResult is 11 or 35;
}
