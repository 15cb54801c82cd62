namespace Perk.Faults.Fuzzing.Edits;

/// <summary>Pieces of bytes that readers tend to stumble over.</summary>
internal static class OddBytes
{
    private static readonly byte[][] Known =
    [
        [0], [0, 0, 0, 0], [0xFF], [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        [0xEF, 0xBB, 0xBF], [0xFE, 0xFF], [0xFF, 0xFE], [0x1F, 0x8B],
        .. OddText.All.Select(System.Text.Encoding.UTF8.GetBytes),
        "\r\n"u8.ToArray(), "\n\n"u8.ToArray(), " "u8.ToArray(), "\""u8.ToArray(), "\\"u8.ToArray(), "{"u8.ToArray(), "]"u8.ToArray(), ","u8.ToArray(), "//"u8.ToArray(),
    ];

    /// <summary>One of them, or a few random bytes.</summary>
    public static byte[] Next(Random random)
    {
        if (random.Next(4) > 0) return Known[random.Next(Known.Length)];
        var bytes = new byte[random.Next(1, 64)];
        random.NextBytes(bytes);
        return bytes;
    }
}
