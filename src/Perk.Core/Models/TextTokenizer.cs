namespace Perk.Core.Models;

/// <summary>A model's tokenizer: text to token ids and back, without loss. Safe for use by several threads.</summary>
/// <remarks>
/// <para>
/// <c>Decode(Encode(text))</c> is <c>text</c>, whatever it holds: line ends of any kind, runs of spaces, leading spaces, emoji
/// and characters unknown to the vocabulary (as UTF-8 bytes). Two exceptions: an unpaired surrogate, which no UTF-8 can hold,
/// becomes U+FFFD; and a model whose own normaliser rewrites text gets the rewritten text (Qwen2.5: Unicode's form NFC).
/// </para>
/// <para>
/// Text is only ever text: where it holds the characters of a special token, <see cref="Encode"/> spells them out.
/// </para>
/// </remarks>
public abstract class TextTokenizer
{
    /// <summary>SentencePiece's file name.</summary>
    public const string SentencePieceFile = "tokenizer.model";

    private protected TextTokenizer()
    {
    }

    /// <summary>
    /// The id that begins every sequence of this model, or null where its sequences begin with the text itself.
    /// </summary>
    public abstract int? BosId { get; }

    /// <summary>The id that ends a sequence.</summary>
    public abstract int EosId { get; }

    /// <summary>The number of ids, special ones included; ids are 0 … this − 1.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>
    /// Loads the tokenizer of a Hugging Face model folder: SentencePiece's <c>tokenizer.model</c>, or a byte-level BPE (GPT-2,
    /// Qwen2.5) from <c>tokenizer.json</c>, <c>vocab.json</c> and <c>merges.txt</c>, or <c>encoder.json</c> and
    /// <c>vocab.bpe</c>.
    /// </summary>
    /// <exception cref="ModelFileException">
    /// A file is missing, damaged or of another kind; the message names file and reason.
    /// </exception>
    public static TextTokenizer Load(string modelFolder)
    {
        var file = Path.Combine(modelFolder, SentencePieceFile);
        if (File.Exists(file)) return SentencePieceTextTokenizer.LoadFile(file);
        if (!ByteLevelFiles.IsIn(modelFolder)) throw None(file);
        return new ByteLevelTextTokenizer(ByteLevelFiles.Read(modelFolder));
    }

    /// <summary>The files that define the tokenizer of a folder, for hashing.</summary>
    /// <exception cref="ModelFileException">There are none.</exception>
    public static IReadOnlyList<string> FilesIn(string modelFolder)
    {
        var file = Path.Combine(modelFolder, SentencePieceFile);
        if (File.Exists(file)) return [file];
        return ByteLevelFiles.IsIn(modelFolder) ? ByteLevelFiles.FilesIn(modelFolder) : throw None(file);
    }

    /// <summary>The ids of a text, without special tokens; no id for an empty text.</summary>
    public abstract int[] Encode(string text);

    /// <summary>
    /// The text of ids. Special tokens are left out; an id without a piece or a broken byte sequence gives U+FFFD.
    /// </summary>
    public abstract string Decode(IEnumerable<int> ids);

    /// <summary>The number of ids that <see cref="Encode"/> gives.</summary>
    public int Count(string text) => Encode(text).Length;

    private static ModelFileException None(string file) => new(
        file,
        "there is no such file, nor tokenizer.json, vocab.json with merges.txt or encoder.json with vocab.bpe; "
        + "expected one of them.");
}
