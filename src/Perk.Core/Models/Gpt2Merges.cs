using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Perk.Core.Models;

/// <summary>
/// GPT-2's byte-level BPE (Radford et al. 2019) from its merges alone, which are part of this library: its vocabulary is the 256
/// bytes, then a token a merge, then the end of text.
/// </summary>
public static class Gpt2Merges
{
    /// <summary>How many merges GPT-2 has.</summary>
    public const int All = 50_000;

    /// <summary>The token that ends a text.</summary>
    internal const string EndOfText = "<|endoftext|>";

    private const string Resource = "Perk.Core.Models.Data.gpt2-vocab.bpe.gz";

    private static readonly Lazy<string[]> Lines = new(Read);
    private static readonly Lazy<TextTokenizer> Whole = new(() => Create(All));

    /// <summary>GPT-2's own tokenizer: the same ids as from its files. Context lengths are counted with it.</summary>
    public static TextTokenizer Tokenizer => Whole.Value;

    /// <summary>The tokenizer of the first merges: a smaller vocabulary of the same kind.</summary>
    /// <param name="merges">How many, from 0 to <see cref="All"/>.</param>
    /// <returns>A tokenizer of 256 + merges + 1 ids; the last one ends a text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many merges.</exception>
    public static TextTokenizer Create(int merges) => Create(merges, TokenizerFamily.Gpt2);

    /// <summary>The tokenizer of the first merges that cuts words as a family does: Qwen2's makes every digit a token of its own.</summary>
    /// <param name="merges">How many, from 0 to <see cref="All"/>.</param>
    /// <param name="family">Whose words.</param>
    /// <returns>A tokenizer of 256 + merges + 1 ids; the last one ends a text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many merges.</exception>
    internal static TextTokenizer Create(int merges, TokenizerFamily family)
    {
        var (vocabulary, pairs) = First(merges);
        var qwen = family == TokenizerFamily.Qwen2;
        var pattern = qwen ? WordPattern.Qwen2 : WordPattern.Gpt2;
        return new ByteLevelTextTokenizer(
            new ByteLevelModel(Resource, vocabulary, pairs, pattern, Nfc: qwen) { EosId = vocabulary.Count });
    }

    /// <summary>Writes the tokenizer of the first merges with Qwen2's words in Hugging Face's files.</summary>
    /// <param name="folder">The folder, made where it is missing.</param>
    /// <param name="merges">How many, from 0 to <see cref="All"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many merges.</exception>
    internal static void WriteFiles(string folder, int merges)
    {
        var (vocabulary, pairs) = First(merges);
        Directory.CreateDirectory(folder);
        Write("vocab.json", JsonSerializer.Serialize(vocabulary, Json.Compact));
        Write("merges.txt", string.Concat(pairs.Prepend("#version: 0.2").Select(line => line + "\n")));
        Write("tokenizer_config.json", JsonSerializer.Serialize(Settings(vocabulary.Count), Json.Indented) + "\n");

        void Write(string name, string text) => AtomicFile.Write(Path.Combine(folder, name), Encoding.UTF8.GetBytes(text));
    }

    private static (Dictionary<string, int> Vocabulary, string[] Pairs) First(int merges)
    {
        if (merges is < 0 or > All) throw new ArgumentOutOfRangeException(nameof(merges), merges, $"GPT-2 has 0 to {All} merges.");
        var pairs = Lines.Value[..merges];
        var vocabulary = new Dictionary<string, int>(256 + merges, StringComparer.Ordinal);
        // GPT-2 numbers the bytes that show as themselves first, then the others.
        foreach (var (character, value) in ByteLevelAlphabet.Characters.OrderBy(c => c.Key != c.Value).ThenBy(c => c.Value))
            vocabulary.Add(character.ToString(), vocabulary.Count);
        foreach (var pair in pairs) vocabulary.Add(pair.Replace(" ", "", StringComparison.Ordinal), vocabulary.Count);
        return (vocabulary, pairs);
    }

    private static JsonObject Settings(int endOfText) => new()
    {
        ["add_prefix_space"] = false,
        ["added_tokens_decoder"] = new JsonObject
        {
            [endOfText.ToString(CultureInfo.InvariantCulture)] = new JsonObject
            {
                ["content"] = EndOfText,
                ["lstrip"] = false,
                ["normalized"] = false,
                ["rstrip"] = false,
                ["single_word"] = false,
                ["special"] = true,
            },
        },
        ["bos_token"] = null,
        ["clean_up_tokenization_spaces"] = false,
        ["eos_token"] = EndOfText,
        ["errors"] = "replace",
        ["pad_token"] = EndOfText,
        ["tokenizer_class"] = "Qwen2Tokenizer",
        ["unk_token"] = null,
    };

    private static string[] Read()
    {
        using var packed = typeof(Gpt2Merges).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress), Encoding.UTF8);
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Skip(1)]; // the first names the version
    }
}
