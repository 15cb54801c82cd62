using Perk.Core.Models;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Tokenizers in all files they come in.</summary>
internal sealed class TokenizerFolders : ModelFileFamily
{
    private const string Plain = "The cat 12 sat.\r\n\r\n  Où? 🙂 ▁x e\u0301 日本";
    private readonly string _folder;

    /// <summary>Writes the samples.</summary>
    /// <param name="folder">A folder of its own.</param>
    public TokenizerFolders(string folder)
    {
        _folder = Path.Combine(folder, "tokenizer");
        var stories = Path.Combine(AppContext.BaseDirectory, "models", "stories260K", TextTokenizer.SentencePieceFile);
        TinyModels.WriteTokenizer(Path.Combine(folder, "files"));
        TinyModels.WriteTokenizerJson(Path.Combine(folder, "gpt2"), split: false);
        TinyModels.WriteTokenizerJson(Path.Combine(folder, "split"), split: true);
        var files = Sample.Of("files", Path.Combine(folder, "files"));
        Samples =
        [
            new Sample("pieces", TextTokenizer.SentencePieceFile, File.ReadAllBytes(stories)),
            files,
            new Sample("first", "encoder.json", files.Files["vocab.json"]).With("vocab.bpe", files.Files["merges.txt"]).With("config.json", """{"model_type":"gpt2","eos_token_id":268}"""u8.ToArray())
                .With("added_tokens.json", """{"<|extra|>":269}"""u8.ToArray()),
            Sample.Of("gpt2", Path.Combine(folder, "gpt2")),
            Sample.Of("split", Path.Combine(folder, "split")),
        ];
    }

    /// <inheritdoc/>
    public override string Name => "tokenizer";

    /// <inheritdoc/>
    public override int Weight => 40;

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; }

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        input.WriteTo(_folder);
        Require(TextTokenizer.Load(_folder));
        return true;
    }

    /// <summary>Asks whether a tokenizer takes every text, into ids that it has, and the ids into text.</summary>
    public static void Require(TextTokenizer tokenizer)
    {
        UnusableException.Require(tokenizer.EosId >= 0 && tokenizer.EosId < tokenizer.VocabularySize, $"its end of text {tokenizer.EosId} is none of its {tokenizer.VocabularySize} ids");
        UnusableException.Require(tokenizer.BosId is null || (tokenizer.BosId >= 0 && tokenizer.BosId < tokenizer.VocabularySize), $"its beginning of text {tokenizer.BosId} is none of its ids");
        var ids = UnusableException.Unless("encoding", () => tokenizer.Encode(Plain));
        UnusableException.Require(ids.Length > 0 && ids.All(id => id >= 0 && id < tokenizer.VocabularySize), $"an id of a text is none of its {tokenizer.VocabularySize} ids");
        UnusableException.Unless("decoding", () => tokenizer.Decode([.. ids, tokenizer.EosId, tokenizer.VocabularySize - 1]));
        UnusableException.Require(tokenizer.Encode("").Length == 0, "an empty text has ids");
    }
}
