using System.IO.Compression;
using System.Text;

namespace Perk.Core.Tasks;

/// <summary>Reads the text files of tasks.</summary>
internal static class TaskFile
{
    /// <summary>A file's text as UTF-8, unpacked where its name ends in <c>.gz</c>.</summary>
    /// <exception cref="TaskDataException">It is missing, unreadable, not packed as its name says, or not UTF-8.</exception>
    internal static string ReadText(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using Stream text = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(text, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or DecoderFallbackException)
        {
            throw new TaskDataException(path, $"cannot be read: {e.Message}", e);
        }
    }
}
