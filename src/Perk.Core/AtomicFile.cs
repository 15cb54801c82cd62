namespace Perk.Core;

/// <summary>Files that are seen whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file, in place of one that is there already: beside it first, then by renaming.</summary>
    internal static void Write(string path, ReadOnlySpan<byte> content)
    {
        var half = path + ".half";
        using (var stream = File.Create(half))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(half, path, overwrite: true);
    }
}
