using System.Text;

namespace Perk.Core.Documents;

/// <summary>A document's text.</summary>
/// <param name="Text">The text as it stands in the document, line ends included, without byte order mark.</param>
/// <param name="Encoding">The encoding it was read in, its IANA name in lower case: utf-8, utf-16le, windows-1252, …</param>
public sealed record DecodedText(string Text, string Encoding);

/// <summary>Reads bytes as text: by byte order mark, as UTF-8, as UTF-16, or in the encoding the letters suggest.</summary>
/// <remarks>
/// UTF-16 without a byte order mark is known by its zero bytes, so it needs some ASCII (spaces suffice). Older encodings are told
/// apart by letter statistics (UTF.Unknown): short texts may be taken for a neighbouring encoding. Mostly ASCII text of which
/// nothing better is known is read as windows-1252. UTF-8 with a few damaged characters has U+FFFD in their places. The text is
/// not normalised in any way. Random bytes are refused, except some very short ones (3.5 % of random 16 bytes, 0.1 % of 48).
/// </remarks>
public static class TextDecoder
{
    /// <summary>Grows when the same bytes may give another text; part of an adapter's id.</summary>
    public const int Version = 1;

    /// <summary>The largest document, in bytes: 64 MiB.</summary>
    public const int MaxBytes = 64 << 20;

    private const string Remedy = "Submit plain text (UTF-8, UTF-16 or a common single-byte encoding such as Windows-1252).";

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16Le = new(bigEndian: false, false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding Utf16Be = new(bigEndian: true, false, throwOnInvalidBytes: true);

    /// <summary>The longer marks first: UTF-32's begins like UTF-16's.</summary>
    private static readonly (byte[] Mark, Encoding Encoding, string Name)[] Marks =
    [
        ([0xFF, 0xFE, 0, 0], new UTF32Encoding(bigEndian: false, false, throwOnInvalidCharacters: true), "utf-32le"),
        ([0, 0, 0xFE, 0xFF], new UTF32Encoding(bigEndian: true, false, throwOnInvalidCharacters: true), "utf-32be"),
        ([0xEF, 0xBB, 0xBF], Utf8, "utf-8"),
        ([0xFF, 0xFE], Utf16Le, "utf-16le"),
        ([0xFE, 0xFF], Utf16Be, "utf-16be"),
    ];

    /// <summary>Refuses a document that is too long.</summary>
    /// <exception cref="DocumentException">It has more than <see cref="MaxBytes"/> bytes.</exception>
    public static void RequireLength(long bytes)
    {
        if (bytes > MaxBytes) throw new DocumentException($"The document has {bytes} bytes; one document may have {MaxBytes}. Split it.");
    }

    /// <summary>Decodes a document.</summary>
    /// <exception cref="DocumentException">It is empty or blank, larger than <see cref="MaxBytes"/>, or not text.</exception>
    public static DecodedText Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) throw new DocumentException("The document is empty: it has no bytes. " + Remedy);
        RequireLength(bytes.Length);
        if (BinarySignature.Of(bytes) is { } kind)
            throw new DocumentException($"The document is {kind}, not text. Extract its text first. " + Remedy);

        var decoded = DecodeMarked(bytes) ?? DecodeUnmarked(bytes);
        if (string.IsNullOrWhiteSpace(decoded.Text))
            throw new DocumentException("The document is empty: it holds only white space. " + Remedy);
        return decoded;
    }

    private static DecodedText? DecodeMarked(ReadOnlySpan<byte> bytes)
    {
        foreach (var (mark, encoding, name) in Marks)
        {
            if (!bytes.StartsWith(mark)) continue;
            var text = TryDecode(encoding, bytes[mark.Length..])
                ?? throw new DocumentException($"The document has {name}'s byte order mark but is not valid {name}. " + Remedy);
            return TextPlausibility.HasOnlyTextControls(text)
                ? new(text, name)
                : throw NotText($"read as {name}, it holds control characters");
        }

        return null;
    }

    private static DecodedText DecodeUnmarked(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Contains((byte)0)) return DecodeByZeros(bytes) ?? throw NotText("it holds zero bytes");
        if (TryDecode(Utf8, bytes) is { } utf8)
            return TextPlausibility.HasOnlyTextControls(utf8) ? new(utf8, "utf-8") : throw NotText("it holds control characters");
        return DecodeDamagedUtf8(bytes) ?? CharsetGuess.Decode(bytes) ?? throw NotText("its bytes fit no known text encoding");
    }

    /// <summary>
    /// UTF-8 that was cut within a character or holds a stray byte. Text in another encoding has next to no valid sequences.
    /// </summary>
    private static DecodedText? DecodeDamagedUtf8(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var (valid, replaced) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar) replaced++;
            else if (!rune.IsAscii) valid++;
        }

        return valid >= 10 * replaced && TextPlausibility.IsLikely(text) ? new(text, "utf-8") : null;
    }

    /// <summary>UTF-16 without mark: ASCII characters, be they only spaces, have their zeros all on the same side.</summary>
    private static DecodedText? DecodeByZeros(ReadOnlySpan<byte> bytes)
    {
        Span<int> zeros = [0, 0];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == 0) zeros[i & 1]++;
        }

        var little = zeros[1] > zeros[0];
        if (zeros[little ? 1 : 0] < bytes.Length / 2 * 0.03 || zeros[little ? 0 : 1] > zeros[little ? 1 : 0] * 0.05) return null;
        var text = TryDecode(little ? Utf16Le : Utf16Be, bytes);
        return text is not null && TextPlausibility.IsLikely(text) ? new(text, little ? "utf-16le" : "utf-16be") : null;
    }

    /// <summary>The text, or null where the bytes are not valid in the encoding.</summary>
    internal static string? TryDecode(Encoding strict, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static DocumentException NotText(string why) => new($"The document is not text: {why}. {Remedy}");
}
