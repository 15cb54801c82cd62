using System.Text.Json;
using CsCheck;
using Perk.Core.Models;

namespace Perk.Core.Tests.Models;

public sealed class Gpt2TokenizerTests(TokenizerFolders folders) : TextTokenizerConformance
{
    private protected override TextTokenizer Tokenizer => folders.Gpt2;

    private protected override int[] SpecialIds => [50256];

    [Fact]
    public void Load_EncoderJsonAndVocabBpe_KnowsSizeAndEndOfText()
    {
        Assert.Equal(50257, Tokenizer.VocabularySize);
        Assert.Equal(50256, Tokenizer.EosId);
        Assert.Null(Tokenizer.BosId);
        Assert.Equal(["encoder.json", "vocab.bpe"], TextTokenizer.FilesIn(folders.Gpt2Folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Encode_TheLongText_GivesThePublishedIds()
    {
        var text = File.ReadAllText(RepositoryFiles.Fixture("gpt2-tokenizer", "lib.rs.txt"));
        var json = File.ReadAllBytes(RepositoryFiles.Fixture("gpt2-tokenizer", "tokens_gpt2.json"));
        var ids = JsonSerializer.Deserialize<int[]>(json)!;
        Assert.Equal(ids, Tokenizer.Encode(text));
        Assert.Equal(text, Tokenizer.Decode(ids));
    }

    [Fact]
    public void Encode_AnyText_AgreesWithBytePairsDoneNaively()
    {
        var naive = new NaiveBytePairs(
            Path.Combine(folders.Gpt2Folder, "encoder.json"),
            Path.Combine(folders.Gpt2Folder, "vocab.bpe"),
            NaiveBytePairs.Gpt2Word);
        Texts.Any.Select(Texts.WellFormed).Sample(text => Assert.Equal(naive.Encode(text), Tokenizer.Encode(text)), iter: 1_000);
    }

    [Fact]
    public void Encode_TheCharactersOfASpecialToken_AreText()
    {
        var ids = Tokenizer.Encode("a<|endoftext|>b");
        Assert.True(ids.Length > 3);
        Assert.DoesNotContain(50256, ids);
        Assert.Equal("ab", Tokenizer.Decode([.. Tokenizer.Encode("a"), 50256, .. Tokenizer.Encode("b")]));
    }
}
