using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.ML.Tokenizers;
using Perk.Core.Models;

namespace Perk.Core.Tests.Models;

public sealed class SentencePieceTextTokenizerTests : TextTokenizerConformance
{
    private static readonly TextTokenizer Loaded = TextTokenizer.Load(RepositoryFiles.Stories260K);

    private static readonly List<(string Text, float Score)> Tok512 = ReadTok512();

    private protected override TextTokenizer Tokenizer => Loaded;

    private protected override int[] SpecialIds => [0, 1, 2];

    [Fact]
    public void Load_Stories260K_KnowsItsSpecialIds()
    {
        Assert.Equal(1, Tokenizer.BosId);
        Assert.Equal(2, Tokenizer.EosId);
        Assert.Equal(512, Tokenizer.VocabularySize);
        Assert.Equal([Path.Combine(RepositoryFiles.Stories260K, "tokenizer.model")], TextTokenizer.FilesIn(RepositoryFiles.Stories260K));
    }

    [Fact]
    public void Load_WithoutTokenizerFile_NamesTheFileExpected()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<ModelFileException>(() => TextTokenizer.Load(folder.Path));
        Assert.StartsWith(folder.File("tokenizer.model"), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a protocol buffer at all")]
    [InlineData("\u0001\u0002\u0003")]
    public void Load_DamagedTokenizerFile_NamesTheFile(string content)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("tokenizer.model"), content);
        var error = Assert.Throws<ModelFileException>(() => TextTokenizer.Load(folder.Path));
        Assert.StartsWith(folder.File("tokenizer.model"), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<0x0A>", "<0x0a>")]
    [InlineData("<0xFE>", "<0xFF>")]
    public void Load_BytePieceMissingOrTwice_IsRefused(string piece, string another)
    {
        using var folder = new TemporaryFolder();
        var bytes = File.ReadAllBytes(Path.Combine(RepositoryFiles.Stories260K, "tokenizer.model"));
        System.Text.Encoding.UTF8.GetBytes(another).CopyTo(bytes, bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(piece)));
        File.WriteAllBytes(folder.File("tokenizer.model"), bytes);
        Assert.StartsWith(folder.File("tokenizer.model"), Assert.Throws<ModelFileException>(() => TextTokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TokenizerModel_Pieces_EqualThoseOfTok512()
    {
        string[] expected = [.. Tok512.Select((token, id) => id is 1 or 2 ? token.Text.Trim('\n') : token.Text)];
        using var model = File.OpenRead(Path.Combine(RepositoryFiles.Stories260K, "tokenizer.model"));
        var pieces = LlamaTokenizer.Create(model).Vocabulary.OrderBy(p => p.Value).Select(p => p.Key.Replace('▁', ' '));
        Assert.Equal(512, expected.Length);
        Assert.Equal(expected, pieces, StringComparer.Ordinal);
    }

    [Fact]
    public void EncodeAndDecode_TheGreedyStory_AgreeWithItsIdsBothWays()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.Fixture("stories260K", "expected_greedy.json")));
        var ids = json.RootElement.GetProperty("ids").Deserialize<int[]>()!;
        var text = json.RootElement.GetProperty("text").GetString()!;
        Assert.Equal(Tokenizer.BosId, ids[0]);
        Assert.Equal(text, Tokenizer.Decode(ids));
        Assert.Equal(ids[1..], Tokenizer.Encode(text));
        Assert.Equal(ids.Length - 1, Tokenizer.Count(text));
    }

    /// <summary>
    /// Against llama2.c's algorithm: merge the best-scored adjacent pair, the leftmost of equals, until none is left.
    /// </summary>
    [Fact]
    public void Encode_TextWithoutRuns_AgreesWithPairMergingDoneNaively()
    {
        var scores = Tok512.Skip(259).ToDictionary(t => t.Text, t => t.Score, StringComparer.Ordinal);
        var letters = Gen.Char["abcdefghilmnopstuvwy ,.TSL"].Array[1, 60].Select(WithoutRuns);
        letters.Sample(
            text => Assert.Equal(MergeNaively(" " + text, scores), Tokenizer.Encode(text).Select(id => Tok512[id].Text), StringComparer.Ordinal),
            iter: 1_000);
    }

    /// <summary>
    /// SentencePiece would give " o", "oo", "o". Text comes back either way; only here may ids differ from other tools'.
    /// </summary>
    [Fact]
    public void Encode_RunOfOneCharacter_PairsItFromTheRightAsTheLibraryDoes() =>
        Assert.Equal([" o", "o", "oo"], Tokenizer.Encode("oooo").Select(id => Tok512[id].Text), StringComparer.Ordinal);

    private static string WithoutRuns(char[] letters)
    {
        var kept = new StringBuilder("b");
        foreach (var c in letters)
        {
            if (kept[^1] != c) kept.Append(c);
        }

        return kept.ToString();
    }

    private static List<string> MergeNaively(string text, Dictionary<string, float> scores)
    {
        var pieces = text.Select(c => c.ToString()).ToList();
        while (true)
        {
            var best = -1;
            for (var i = 0; i + 1 < pieces.Count; i++)
            {
                if (scores.TryGetValue(pieces[i] + pieces[i + 1], out var score) && (best < 0 || score > scores[pieces[best] + pieces[best + 1]])) best = i;
            }

            if (best < 0) return pieces;
            pieces[best] += pieces[best + 1];
            pieces.RemoveAt(best + 1);
        }
    }

    private static List<(string Text, float Score)> ReadTok512()
    {
        using var reader = new BinaryReader(File.OpenRead(RepositoryFiles.Fixture("stories260K", "tok512.bin")));
        reader.ReadInt32(); // the longest token
        var tokens = new List<(string, float)>();
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var score = reader.ReadSingle();
            tokens.Add((Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadInt32())), score));
        }

        return tokens;
    }

    [Fact]
    public void Decode_SpecialTokensAndForeignIds_LeavesOutTheFormerAndMarksTheLatter()
    {
        int[] ids = [1, .. Tokenizer.Encode("Lily"), 2];
        Assert.Equal("Lily", Tokenizer.Decode(ids));
        Assert.Equal("\uFFFD", Tokenizer.Decode([512]));
        Assert.Equal("\uFFFD", Tokenizer.Decode([-1]));
        Assert.Equal("\uFFFD", Tokenizer.Decode([0]));
    }

    [Fact]
    public void Decode_ContinuationInTheMiddleOfAWord_KeepsTheSpacesInside()
    {
        var ids = Tokenizer.Encode("Zebra was sad");
        Assert.Matches("^[bra]+ was sad$", Tokenizer.Decode(ids[3..]));
    }
}
