using System.Globalization;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace Perk.Core.Models;

/// <summary>What the pieces of a SentencePiece vocabulary stand for.</summary>
internal static class SentencePieceBytes
{
    /// <summary>Reads the vocabulary once.</summary>
    internal static TokenBytes Of(SentencePieceTokenizer tokenizer)
    {
        var bytes = new TokenBytes(tokenizer.Vocabulary.Count);
        foreach (var (piece, id) in tokenizer.Vocabulary)
        {
            if (ByteOf(piece) is { } value) bytes.SetByte(id, value);
            else bytes.Set(id, Encoding.UTF8.GetBytes(piece.Replace('▁', ' ')));
        }

        SetIfThere(tokenizer.UnknownId, "\uFFFD"u8.ToArray());
        SetIfThere(tokenizer.BeginningOfSentenceId, []);
        SetIfThere(tokenizer.EndOfSentenceId, []);
        return bytes;

        void SetIfThere(int id, byte[] meaning)
        {
            if (id >= 0 && id < bytes.Count) bytes.Set(id, meaning);
        }
    }

    /// <summary>Whether every byte has its piece, in the order that the library counts on.</summary>
    internal static bool AreIn(IReadOnlyDictionary<string, int> vocabulary) =>
        vocabulary.TryGetValue("<0x00>", out var first) && Enumerable.Range(0, 256).All(value => vocabulary.TryGetValue($"<0x{value:X2}>", out var id) && id == first + value);

    /// <summary>The value of a byte piece, written <c>&lt;0x0A&gt;</c>.</summary>
    private static byte? ByteOf(string piece) =>
        piece.Length == 6 && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[5] == '>'
        && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
