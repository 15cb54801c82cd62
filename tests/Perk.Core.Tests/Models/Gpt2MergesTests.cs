using CsCheck;
using Perk.Core.Models;

namespace Perk.Core.Tests.Models;

/// <summary>GPT-2's tokenizer out of its merges alone, against the one of its files.</summary>
public sealed class Gpt2MergesTests(TokenizerFolders folders)
{
    [Fact]
    public void Tokenizer_AllMerges_GivesTheIdsOfTheFiles()
    {
        var text = File.ReadAllText(RepositoryFiles.Fixture("gpt2-tokenizer", "lib.rs.txt"));
        Assert.Equal(folders.Gpt2.Encode(text), Gpt2Merges.Tokenizer.Encode(text));
        Assert.Equal((50257, 50256), (Gpt2Merges.Tokenizer.VocabularySize, Gpt2Merges.Tokenizer.EosId));
        Texts.Any.Select(Texts.WellFormed).Sample(t => Assert.Equal(folders.Gpt2.Encode(t), Gpt2Merges.Tokenizer.Encode(t)), iter: 300);
    }

    [Theory]
    [InlineData(0, 257)]
    [InlineData(1791, 2048)]
    public void Create_FirstMerges_IsASmallerTokenizerThatLosesNoText(int merges, int vocabulary)
    {
        var tokenizer = Gpt2Merges.Create(merges);
        Assert.Equal((vocabulary, vocabulary - 1), (tokenizer.VocabularySize, tokenizer.EosId));
        Texts.Any.Select(Texts.WellFormed).Sample(
            text =>
            {
                var ids = tokenizer.Encode(text);
                Assert.All(ids, id => Assert.InRange(id, 0, vocabulary - 2));
                Assert.Equal(text, tokenizer.Decode(ids));
            },
            iter: 300);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(50_001)]
    public void Create_MoreMergesThanThereAre_SaysTheRange(int merges) =>
        Assert.Contains("0 to 50000", Assert.Throws<ArgumentOutOfRangeException>(() => Gpt2Merges.Create(merges)).Message, StringComparison.Ordinal);
}
