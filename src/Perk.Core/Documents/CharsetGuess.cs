using System.Text;
using UtfUnknown;

namespace Perk.Core.Documents;

/// <summary>Reads bytes in the older encoding that their letters suggest.</summary>
internal static class CharsetGuess
{
    /// <summary>Below this the detector's word is not worth trying.</summary>
    private const float LeastConfidence = 0.3f;

    /// <summary>Rare encodings for which the detector takes short Western texts; and those that a better name covers.</summary>
    private static readonly HashSet<string> Distrusted =
        new(["viscii", "windows-1258", "x-mac-ce", "iso-8859-10", "iso-8859-13"], StringComparer.OrdinalIgnoreCase);

    /// <summary>What mostly ASCII text may be in, the likeliest first. Macintosh is unknown to the detector.</summary>
    private static readonly string[] Western = ["windows-1252", "iso-8859-15", "macintosh"];

    static CharsetGuess() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>
    /// The reading with the fewest misplaced characters, of the detector's candidates in its order and, for mostly ASCII bytes,
    /// the Western encodings; null where no reading looks like text.
    /// </summary>
    internal static DecodedText? Decode(ReadOnlySpan<byte> bytes)
    {
        DecodedText? best = null;
        var fewest = int.MaxValue;
        foreach (var name in Candidates(bytes))
        {
            if (TryDecode(name, bytes) is not { } decoded || !TextPlausibility.IsLikely(decoded.Text)) continue;
            var misplaced = TextPlausibility.Misplaced(decoded.Text);
            if (misplaced >= fewest) continue;
            (best, fewest) = (decoded, misplaced);
            if (fewest == 0) break;
        }

        if (best is null || fewest > best.Text.Length / 20) return null;

        // A short text often reads the same in several encodings: then it is the common one.
        return TryDecode(Western[0], bytes) is { } western && western.Text == best.Text ? western : best;
    }

    private static IEnumerable<string> Candidates(ReadOnlySpan<byte> bytes)
    {
        var detected = CharsetDetector.DetectFromBytes(bytes).Details
            .Where(d => d.Confidence >= LeastConfidence && d.Encoding is not null && !Distrusted.Contains(d.EncodingName))
            .Select(d => d.Encoding.WebName);
        var ascii = 0;
        foreach (var b in bytes) ascii += b < 0x80 ? 1 : 0;

        // Bytes 0x80 to 0x9F are control characters in iso-8859-1, which no text means: like browsers, read windows-1252.
        return detected.Concat(ascii >= bytes.Length * 0.75 ? Western : [])
            .Select(name => name is "iso-8859-1" or "us-ascii" ? "windows-1252" : name)
            .Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private static DecodedText? TryDecode(string name, ReadOnlySpan<byte> bytes)
    {
        var strict = Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        return TextDecoder.TryDecode(strict, bytes) is { } text ? new(text, strict.WebName.ToLowerInvariant()) : null;
    }
}
