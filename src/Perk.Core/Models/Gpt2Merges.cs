using System.IO.Compression;
using System.Text;

namespace Perk.Core.Models;

/// <summary>
/// GPT-2's byte-level BPE (Radford et al. 2019) from its merges alone, which are part of this library: its vocabulary is the 256
/// bytes, then a token a merge, then the end of text.
/// </summary>
public static class Gpt2Merges
{
    /// <summary>How many merges GPT-2 has.</summary>
    public const int All = 50_000;

    private const string Resource = "Perk.Core.Models.Data.gpt2-vocab.bpe.gz";

    private static readonly Lazy<string[]> Lines = new(Read);
    private static readonly Lazy<TextTokenizer> Whole = new(() => Create(All));

    /// <summary>GPT-2's own tokenizer: the same ids as from its files. Context lengths are counted with it.</summary>
    public static TextTokenizer Tokenizer => Whole.Value;

    /// <summary>The tokenizer of the first merges: a smaller vocabulary of the same kind.</summary>
    /// <param name="merges">How many, from 0 to <see cref="All"/>.</param>
    /// <returns>A tokenizer of 256 + merges + 1 ids; the last one ends a text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many merges.</exception>
    public static TextTokenizer Create(int merges)
    {
        if (merges is < 0 or > All) throw new ArgumentOutOfRangeException(nameof(merges), merges, $"GPT-2 has 0 to {All} merges.");
        var pairs = Lines.Value[..merges];
        var vocabulary = new Dictionary<string, int>(256 + merges, StringComparer.Ordinal);
        // GPT-2 numbers the bytes that show as themselves first, then the others.
        foreach (var (character, value) in ByteLevelAlphabet.Characters.OrderBy(c => c.Key != c.Value).ThenBy(c => c.Value))
            vocabulary.Add(character.ToString(), vocabulary.Count);
        foreach (var pair in pairs) vocabulary.Add(pair.Replace(" ", "", StringComparison.Ordinal), vocabulary.Count);
        return new ByteLevelTextTokenizer(
            new ByteLevelModel(Resource, vocabulary, pairs, WordPattern.Gpt2, Nfc: false) { EosId = vocabulary.Count });
    }

    private static string[] Read()
    {
        using var packed = typeof(Gpt2Merges).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(new GZipStream(packed, CompressionMode.Decompress), Encoding.UTF8);
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Skip(1)]; // the first names the version
    }
}
