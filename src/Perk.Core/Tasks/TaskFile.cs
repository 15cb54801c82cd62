using System.IO.Compression;
using System.Text;

namespace Perk.Core.Tasks;

/// <summary>Reads a file of task data.</summary>
internal static class TaskFile
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The whole text of a UTF-8 file, without byte order mark; unpacked where its name ends in <c>.gz</c>.</summary>
    /// <exception cref="TaskDataException">It is missing, a folder, not readable, not gzip, or not UTF-8.</exception>
    internal static string ReadText(string path)
    {
        if (Directory.Exists(path)) throw new TaskDataException(path, "is a folder; name a file in it.");
        var packed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        try
        {
            using var file = File.OpenRead(path);
            using Stream bytes = packed ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(bytes, Utf8);
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TaskDataException(path, "there is no such file.", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new TaskDataException(path, "is not UTF-8 text; expected text, or gzip in a file whose name ends in .gz.", e);
        }
        catch (InvalidDataException e)
        {
            throw new TaskDataException(path, $"its name ends in .gz but it cannot be unpacked: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TaskDataException(path, $"cannot be read: {e.Message}", e);
        }
    }
}
