using Microsoft.ML.Tokenizers;

namespace Perk.Core.Models;

/// <summary>A model's tokenizer: text to token ids and back, without loss. Safe for use by several threads.</summary>
/// <remarks>
/// <para>
/// <c>Decode(Encode(text))</c> is <c>text</c>, whatever it holds: line ends of any kind, runs of spaces, leading spaces, emoji
/// and characters unknown to the vocabulary (as UTF-8 bytes). Two exceptions: an unpaired surrogate, which no UTF-8 can hold,
/// becomes U+FFFD; and a model whose own normaliser rewrites text gets the rewritten text.
/// </para>
/// <para>
/// SentencePiece puts a space before the text (its dummy prefix). <see cref="Decode"/> takes it away again: one space, at the
/// very beginning only. So decoding a continuation that begins with a new word loses that word's space.
/// </para>
/// <para>
/// Microsoft.ML.Tokenizers 2.0.1 pairs equal characters from the right (oooo: o·oo·o becomes o·o·oo), SentencePiece from the
/// left: in runs of one character the ids may differ from another tool's, the text they decode to never.
/// </para>
/// </remarks>
public sealed class TextTokenizer
{
    /// <summary>SentencePiece's file name.</summary>
    public const string SentencePieceFile = "tokenizer.model";

    private const char Space = '▁'; // U+2581 stands for a space inside the vocabulary.
    private readonly SentencePieceTokenizer _tokenizer;
    private readonly TokenBytes _bytes;

    private TextTokenizer(SentencePieceTokenizer tokenizer, string file)
    {
        _tokenizer = tokenizer;
        _bytes = new TokenBytes(tokenizer);
        Files = [file];
    }

    /// <summary>The id that begins every sequence of this model, or null where they begin with the text itself.</summary>
    public int? BosId => _tokenizer.BeginningOfSentenceId is >= 0 and var id ? id : null;

    /// <summary>The id that ends a sequence.</summary>
    public int EosId => _tokenizer.EndOfSentenceId;

    /// <summary>The number of ids, special ones included; ids are 0 … this − 1.</summary>
    public int VocabularySize => _bytes.Count;

    /// <summary>The paths of the files that define the tokenizer, for hashing.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Loads the tokenizer of a Hugging Face model folder: SentencePiece's <c>tokenizer.model</c>.</summary>
    /// <exception cref="ModelFileException">The file is missing or not a SentencePiece model with byte fallback.</exception>
    public static TextTokenizer Load(string modelFolder)
    {
        var file = Path.Combine(modelFolder, SentencePieceFile);
        if (!File.Exists(file))
            throw new ModelFileException(file, "there is no such file; the model's tokenizer (SentencePiece) is expected there.");

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
        if (!tokenizer.ByteFallback)
            throw new ModelFileException(file, "the SentencePiece model has no byte fallback, so it cannot hold every text.");
        if (!tokenizer.EscapeWhiteSpaces || tokenizer.TreatWhitespaceAsSuffix)
            throw new ModelFileException(file, "the SentencePiece model does not write a space as a leading ▁, as it must.");
        return new TextTokenizer(tokenizer, file);
    }

    /// <summary>The ids of a text, without special tokens; no id for an empty text.</summary>
    public int[] Encode(string text)
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

    /// <summary>The text of ids without the special tokens; an unknown id or a broken byte sequence gives U+FFFD.</summary>
    public string Decode(IEnumerable<int> ids) => _bytes.Decode(ids, dropLeadingSpace: _tokenizer.AddDummyPrefix);

    /// <summary>The number of ids that <see cref="Encode"/> gives.</summary>
    public int Count(string text) => Encode(text).Length;

    private IReadOnlyList<int> EncodeFirst(string text) =>
        _tokenizer.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false);

    private IReadOnlyList<int> EncodeEscaped(string text) =>
        _tokenizer.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false, considerNormalization: false);
}
