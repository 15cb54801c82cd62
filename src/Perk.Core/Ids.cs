using System.Security.Cryptography;

namespace Perk.Core;

/// <summary>Content-derived ids, always lower-case hexadecimal.</summary>
public static class Ids
{
    /// <summary>SHA-256 of the bytes, 64 hexadecimal digits.</summary>
    public static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>SHA-256 of the UTF-8 bytes of a text, 64 hexadecimal digits.</summary>
    public static string Sha256(string text) => Sha256(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>SHA-256 of a file's bytes, 64 hexadecimal digits.</summary>
    public static string Sha256OfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>SHA-256 of a stream from its position to its end, 64 hexadecimal digits; cancelled between pieces.</summary>
    public static async Task<string> Sha256Async(Stream stream, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
}
