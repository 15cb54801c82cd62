namespace Perk.Core.Models;

/// <summary>
/// How byte-level vocabularies (Radford et al. 2019, section 2.2) write the 256 bytes as printable characters: those of Latin-1
/// that show as themselves stand for themselves, the others in turn for U+0100, U+0101, ….
/// </summary>
internal static class ByteLevelAlphabet
{
    private static readonly Dictionary<char, byte> Bytes = Build();

    /// <summary>The characters, one a byte.</summary>
    internal static IReadOnlyDictionary<char, byte> Characters => Bytes;

    /// <summary>
    /// The bytes of a token as the vocabulary writes it, or null where it holds a character that stands for none.
    /// </summary>
    internal static byte[]? BytesOf(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (!Bytes.TryGetValue(token[i], out bytes[i])) return null;
        }

        return bytes;
    }

    private static Dictionary<char, byte> Build()
    {
        var bytes = new Dictionary<char, byte>();
        var next = '\u0100';
        for (var value = 0; value < 256; value++)
        {
            var showsItself = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            bytes.Add(showsItself ? (char)value : next++, (byte)value);
        }

        return bytes;
    }
}
