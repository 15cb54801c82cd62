using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Perk.Core.Models;

/// <summary>The UTF-8 bytes behind every id of a SentencePiece vocabulary.</summary>
/// <remarks>
/// The library's own Decode takes the dummy prefix from the first piece that has a space, wherever it stands, and turns the
/// character ▁ of a text into a space; joining the bytes does neither.
/// </remarks>
internal sealed class TokenBytes
{
    private static readonly byte[] Unknown = "\uFFFD"u8.ToArray();
    private readonly byte[][] _bytes;
    private readonly int[] _idOfByte = new int[256];

    /// <summary>Reads the vocabulary once.</summary>
    internal TokenBytes(SentencePieceTokenizer tokenizer)
    {
        _bytes = new byte[tokenizer.Vocabulary.Count][];
        foreach (var (piece, id) in tokenizer.Vocabulary)
        {
            if (ByteOf(piece) is not { } value)
            {
                _bytes[id] = Encoding.UTF8.GetBytes(piece.Replace('▁', ' '));
                continue;
            }

            _bytes[id] = [value];
            _idOfByte[value] = id;
        }

        Set(tokenizer.UnknownId, Unknown);
        Set(tokenizer.BeginningOfSentenceId, []);
        Set(tokenizer.EndOfSentenceId, []);
    }

    /// <summary>The number of ids.</summary>
    internal int Count => _bytes.Length;

    /// <summary>The ids of the byte pieces.</summary>
    internal int[] IdsOf(ReadOnlySpan<byte> bytes)
    {
        var ids = new int[bytes.Length];
        for (var i = 0; i < ids.Length; i++) ids[i] = _idOfByte[bytes[i]];
        return ids;
    }

    /// <summary>Joins the bytes of the ids and reads them as UTF-8.</summary>
    internal string Decode(IEnumerable<int> ids, bool dropLeadingSpace)
    {
        using var joined = new MemoryStream();
        foreach (var id in ids) joined.Write(id >= 0 && id < _bytes.Length ? _bytes[id] : Unknown);

        var utf8 = joined.GetBuffer().AsSpan(0, (int)joined.Length);
        if (dropLeadingSpace && utf8.StartsWith(" "u8)) utf8 = utf8[1..];
        return Encoding.UTF8.GetString(utf8);
    }

    private void Set(int id, byte[] bytes)
    {
        if (id >= 0 && id < _bytes.Length) _bytes[id] = bytes;
    }

    /// <summary>The value of a byte piece, written <c>&lt;0x0A&gt;</c>.</summary>
    private static byte? ByteOf(string piece) =>
        piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[5] == '>'
        && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
