using System.Text;
using Perk.Core.Models;

namespace Perk.Core.Tasks;

/// <summary>Puts a context together piece by piece and counts its tokens as GPT-2's full tokenizer does.</summary>
/// <remarks>
/// Pieces neither begin nor end with white space, and white space stands between them. GPT-2 cuts words before white space, so
/// the count of the whole is exactly the sum of the counts of the pieces, each with the white space before it.
/// </remarks>
internal sealed class ContextBuilder
{
    private readonly StringBuilder _text = new();

    /// <summary>The text so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Its length in tokens.</summary>
    public int Tokens { get; private set; }

    /// <summary>What a piece would add to the length.</summary>
    /// <param name="separator">The white space before it, left out at the beginning.</param>
    /// <param name="piece">The piece.</param>
    public int Cost(string separator, string piece) => Count(_text.Length == 0 ? piece : separator + piece);

    /// <summary>The tokens of a text that stands alone.</summary>
    public static int Count(string text) => Gpt2Merges.Tokenizer.Count(text);

    /// <summary>Adds a piece.</summary>
    /// <param name="separator">The white space before it, left out at the beginning.</param>
    /// <param name="piece">The piece.</param>
    /// <returns>Where it stands.</returns>
    public PlacedPiece Add(string separator, string piece)
    {
        if (separator.Length == 0 || !string.IsNullOrWhiteSpace(separator) || piece.Length == 0 || char.IsWhiteSpace(piece[0]) || char.IsWhiteSpace(piece[^1]))
            throw new ArgumentException("White space stands between pieces, not at their ends.", nameof(piece));
        var (tokens, cost) = (Tokens, Cost(separator, piece));
        if (_text.Length > 0) _text.Append(separator);
        var placed = new PlacedPiece(piece, _text.Length, tokens);
        _text.Append(piece);
        Tokens += cost;
        return placed;
    }

    /// <summary>A placed piece as a supporting fact of the finished context.</summary>
    public SupportingFact Fact(PlacedPiece piece) => new(piece.Text, piece.Offset, (double)piece.TokensBefore / Math.Max(1, Tokens));
}

/// <summary>A piece in a context.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Offset">UTF-16 code units before it.</param>
/// <param name="TokensBefore">Tokens before it.</param>
internal sealed record PlacedPiece(string Text, int Offset, int TokensBefore);
