namespace Perk.Core.Documents;

/// <summary>Knows common binary formats by their first bytes, to name what a document really is.</summary>
internal static class BinarySignature
{
    private static readonly (byte[] Begins, string Kind)[] Known =
    [
        ([.. "%PDF-"u8], "a PDF file"),
        ([0x89, .. "PNG"u8], "a PNG image"),
        ([0xFF, 0xD8, 0xFF], "a JPEG image"),
        ([.. "GIF87a"u8], "a GIF image"),
        ([.. "GIF89a"u8], "a GIF image"),
        ([.. "PK"u8, 3, 4], "a zip archive (or an Office or OpenDocument file, which is one)"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Office file"),
        ([.. "{\\rtf"u8], "an RTF file"),
        ([0x1F, 0x8B], "a gzip archive"),
        ([.. "7z"u8, 0xBC, 0xAF], "a 7z archive"),
        ([.. "BZh"u8, 0x31], "a bzip2 archive"),
        ([0xFD, .. "7zXZ"u8], "an xz archive"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard archive"),
        ([0x7F, .. "ELF"u8], "a program"),
        ([.. "SQLite format 3"u8, 0], "an SQLite database"),
        ([.. "ID3"u8, 3], "an MP3 file"),
        ([.. "ID3"u8, 4], "an MP3 file"),
    ];

    /// <summary>What the bytes are, as a noun with its article, or null where they begin like none of the formats.</summary>
    internal static string? Of(ReadOnlySpan<byte> bytes)
    {
        foreach (var (begins, kind) in Known)
        {
            if (bytes.StartsWith(begins)) return kind;
        }

        return null;
    }
}
