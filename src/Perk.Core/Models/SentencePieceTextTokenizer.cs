using Microsoft.ML.Tokenizers;

namespace Perk.Core.Models;

/// <summary>A SentencePiece model with byte fallback.</summary>
/// <remarks>
/// <para>
/// SentencePiece puts a space before the text (its dummy prefix). <see cref="Decode"/> takes it away again: one space, at the
/// very beginning only. So decoding a continuation that begins with a new word loses that word's space.
/// </para>
/// <para>
/// Microsoft.ML.Tokenizers 2.0.1 pairs equal characters from the right (oooo: o·oo·o becomes o·o·oo), SentencePiece from the
/// left: in runs of one character the ids may differ from another tool's, the text they decode to never.
/// </para>
/// </remarks>
internal sealed class SentencePieceTextTokenizer : TextTokenizer
{
    private const char Space = '▁'; // U+2581 stands for a space inside the vocabulary.
    private readonly SentencePieceTokenizer _tokenizer;
    private readonly TokenBytes _bytes;

    private SentencePieceTextTokenizer(SentencePieceTokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _bytes = SentencePieceBytes.Of(tokenizer);
    }

    public override int? BosId => _tokenizer.BeginningOfSentenceId is >= 0 and var id ? id : null;

    public override int EosId => _tokenizer.EndOfSentenceId;

    public override int VocabularySize => _bytes.Count;

    /// <summary>Loads a <c>tokenizer.model</c>.</summary>
    /// <exception cref="ModelFileException">The file is not a SentencePiece model with byte fallback.</exception>
    internal static SentencePieceTextTokenizer LoadFile(string file)
    {
        SentencePieceTokenizer tokenizer;
        using (var stream = File.OpenRead(file))
        {
            try
            {
                tokenizer = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The library reports a damaged model by whatever exception its parser or its tables happen to meet.
                throw new ModelFileException(file, $"this is not a SentencePiece model: {e.Message}", e);
            }
        }

        // Without bytes for unknown characters, or with another place for the space, text would not come back as it was.
        if (!tokenizer.ByteFallback) throw new ModelFileException(file, "the SentencePiece model has no byte fallback, so it cannot hold every text.");
        if (!SentencePieceBytes.AreIn(tokenizer.Vocabulary)) throw new ModelFileException(file, "the SentencePiece model has no pieces <0x00> to <0xFF> one after the other, so it cannot hold every text.");
        if (tokenizer.Vocabulary.Values.Max() >= tokenizer.Vocabulary.Count) throw new ModelFileException(file, "two pieces of the SentencePiece model are the same.");
        if (tokenizer.EndOfSentenceId < 0 || tokenizer.EndOfSentenceId >= tokenizer.Vocabulary.Count)
            throw new ModelFileException(file, $"the SentencePiece model's end of text is {tokenizer.EndOfSentenceId}; it has the ids 0 to {tokenizer.Vocabulary.Count - 1}.");
        if (!tokenizer.EscapeWhiteSpaces || tokenizer.TreatWhitespaceAsSuffix)
            throw new ModelFileException(file, "the SentencePiece model does not write a space as a leading ▁, the only form that is supported.");
        return new SentencePieceTextTokenizer(tokenizer);
    }

    public override int[] Encode(string text)
    {
        var at = text.IndexOf(Space);
        if (at < 0) return [.. EncodeFirst(text)];

        // The vocabulary's sign for a space, occurring in the text itself, can only be told from a space as its bytes.
        var ids = new List<int>(EncodeFirst(text[..at]));
        if (at == 0 && _tokenizer.AddDummyPrefix) ids.AddRange(EncodeEscaped(Space.ToString()));
        foreach (var part in text[(at + 1)..].Split(Space))
        {
            ids.AddRange(_bytes.IdsOf("\u2581"u8));
            ids.AddRange(EncodeEscaped(part.Replace(' ', Space)));
        }

        return [.. ids];
    }

    public override string Decode(IEnumerable<int> ids) => _bytes.Decode(ids, dropLeadingSpace: _tokenizer.AddDummyPrefix);

    private IReadOnlyList<int> EncodeFirst(string text) =>
        _tokenizer.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false);

    private IReadOnlyList<int> EncodeEscaped(string text) =>
        _tokenizer.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false, considerNormalization: false);
}
