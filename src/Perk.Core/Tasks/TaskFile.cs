using System.IO.Compression;
using System.Text;

namespace Perk.Core.Tasks;

/// <summary>Reads a data file as text.</summary>
internal static class TaskFile
{
    /// <summary>The text of a UTF-8 file, unpacked first where its name ends in <c>.gz</c>.</summary>
    /// <exception cref="TaskDataException">It is missing, a folder, unreadable or not UTF-8.</exception>
    internal static string ReadText(string path)
    {
        if (Directory.Exists(path)) throw new TaskDataException(path, "is a folder; name a file.");
        try
        {
            using var file = File.OpenRead(path);
            var packed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
            using Stream stream = packed ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(stream, new UTF8Encoding(true, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TaskDataException(path, "does not exist.", e);
        }
        catch (Exception e) when (
            e is IOException or InvalidDataException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new TaskDataException(path, $"cannot be read as UTF-8 text: {e.Message}", e);
        }
    }
}
