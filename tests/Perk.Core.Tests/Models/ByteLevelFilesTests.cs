using System.Text.Json.Nodes;
using Perk.Core.Models;

namespace Perk.Core.Tests.Models;

/// <summary>A byte-level vocabulary of 256 bytes and two merges, in every form its files may have.</summary>
public sealed class ByteLevelFilesTests : IDisposable
{
    private static readonly int[] HelloThere = [259, 'l' - '!', 'o' - '!', 257]; // hel·l·o·" t"
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("vocab.json", "merges.txt")]
    [InlineData("encoder.json", "vocab.bpe")]
    public void Load_VocabularyAndMerges_ReadsThem(string vocabulary, string merges)
    {
        WriteParts(vocabulary, merges);
        Write("config.json", """{"model_type":"gpt2","eos_token_id":256}""");
        var tokenizer = TextTokenizer.Load(_folder.Path);
        Assert.Equal(HelloThere, tokenizer.Encode("hello t"));
        Assert.Equal(256, tokenizer.EosId);
        Assert.Equal(260, tokenizer.VocabularySize);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_TokenizerJson_ReadsMergesInBothForms(bool pairs)
    {
        WriteJson(json =>
        {
            if (!pairs) return;
            var lists = Merges.Select(m => new JsonArray([.. m.Split(' ').Select(t => JsonValue.Create(t))]));
            json["model"]!["merges"] = new JsonArray([.. lists]);
        });
        var tokenizer = TextTokenizer.Load(_folder.Path);
        Assert.Equal(HelloThere, tokenizer.Encode("hello t"));
        Assert.Equal(256, tokenizer.EosId);
        Assert.Equal("hi<note>", tokenizer.Decode([.. tokenizer.Encode("hi"), 256, 260]));
        Assert.Equal(261, tokenizer.VocabularySize);
    }

    [Fact]
    public void Load_TokenizerJsonWithAnExpression_CutsByIt()
    {
        WriteJson(Qwen);
        Assert.Equal("12", TextTokenizer.Load(_folder.Path).Decode(TextTokenizer.Load(_folder.Path).Encode("12")));
        Assert.Equal([259, 259], TextTokenizer.Load(_folder.Path).Encode("helhel"));

        Edit("tokenizer.json", json => json["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = ".");
        Assert.Equal(3, TextTokenizer.Load(_folder.Path).Count("hel")); // every character a word: nothing merges
    }

    [Fact]
    public void Load_EndOfText_ComesFromSettingsThenGenerationThenModelThenItsKnownName()
    {
        WriteParts("vocab.json", "merges.txt");
        Write("config.json", """{"model_type":"gpt2"}""");
        Assert.Equal(256, Eos()); // <|endoftext|>
        Write("config.json", """{"model_type":"gpt2","eos_token_id":7}""");
        Assert.Equal(7, Eos());
        Write("generation_config.json", """{"eos_token_id":[8,9]}""");
        Assert.Equal(8, Eos());
        Write("added_tokens.json", """{"<|im_end|>":300}""");
        Write("tokenizer_config.json", """{"eos_token":{"content":"<|im_end|>"}}""");
        Assert.Equal(300, Eos());
        Assert.Equal(301, TextTokenizer.Load(_folder.Path).VocabularySize);
        Assert.Equal(
            ["vocab.json", "merges.txt", "added_tokens.json", "tokenizer_config.json", "generation_config.json", "config.json"],
            TextTokenizer.FilesIn(_folder.Path).Select(Path.GetFileName));

        int Eos() => TextTokenizer.Load(_folder.Path).EosId;
    }

    [Fact]
    public void Load_TokenizerJsonBesideVocabulary_IsTheOneThatCounts()
    {
        WriteParts("vocab.json", "merges.txt");
        WriteJson(_ => { });
        Assert.Equal(["tokenizer.json"], TextTokenizer.FilesIn(_folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("model.type", "\"Unigram\"", "Unigram")]
    [InlineData("model.type", "\"WordPiece\"", "WordPiece")]
    [InlineData("model.byte_fallback", "true", "byte_fallback")]
    [InlineData("model.ignore_merges", "true", "ignore_merges")]
    [InlineData("model.dropout", "0.1", "dropout")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "end_of_word_suffix")]
    [InlineData("model.vocab", "null", "vocab")]
    [InlineData("model.vocab", "{\"a\":-1}", "a is -1")]
    [InlineData("model.vocab", "{\"a\":0}", "byte")]
    [InlineData("model.vocab", "{\"a\":2000000000}", "2000000000")]
    [InlineData("model.merges", "[\"a\"]", "merge")]
    [InlineData("model.merges", "[[\"a\",\"b\",\"c\"]]", "merge")]
    [InlineData("model.merges", "[\"h zz\"]", "zz")]
    [InlineData("model", "null", "model")]
    [InlineData("normalizer", "{\"type\":\"Lowercase\"}", "Lowercase")]
    [InlineData("normalizer", "{}", "type")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer")]
    [InlineData("pre_tokenizer", "{\"type\":\"Metaspace\"}", "pre_tokenizer")]
    [InlineData("pre_tokenizer", "{\"type\":\"ByteLevel\",\"add_prefix_space\":true}", "add_prefix_space")]
    [InlineData("pre_tokenizer", "{\"type\":\"ByteLevel\",\"use_regex\":false}", "pre_tokenizer")]
    [InlineData("pre_tokenizer.pretokenizers.0.behavior", "\"Removed\"", "behavior")]
    [InlineData("pre_tokenizer.pretokenizers.0.pattern.Regex", "\"\\\\p{Lu}+\"", "Lu")]
    [InlineData("pre_tokenizer.pretokenizers.0.pattern.Regex", "\"(\"", "byte-level BPE")]
    [InlineData("added_tokens", "[{\"content\":\"x\"}]", "id")]
    [InlineData("added_tokens", "[{\"id\":9,\"content\":\"x\"},{\"id\":9,\"content\":\"y\"}]", "9")]
    public void Load_TokenizerJsonOfAnotherKind_IsRefusedWithTheReason(string field, string value, string named)
    {
        WriteJson(json =>
        {
            Qwen(json);
            JsonNode at = json;
            var path = field.Split('.');
            foreach (var step in path[..^1]) at = at is JsonArray list ? list[int.Parse(step, null)]! : at[step]!;
            at[path[^1]] = JsonNode.Parse(value);
        });
        Refused("tokenizer.json", named);
    }

    [Fact]
    public void Load_NothingSaysHowTextIsCut_IsRefused()
    {
        WriteParts("vocab.json", "merges.txt");
        Refused("vocab.json", "tokenizer_class");
        Write("config.json", """{"model_type":"llama"}""");
        Refused("vocab.json", "llama");
    }

    [Fact]
    public void Load_NothingSaysWhatEndsAText_IsRefused()
    {
        WriteParts("vocab.json", "merges.txt");
        Write("config.json", """{"model_type":"gpt2"}""");
        Edit("vocab.json", json => json.Remove("<|endoftext|>"));
        Refused("vocab.json", "<|endoftext|>");
        Write("tokenizer_config.json", """{"eos_token":"</s>"}""");
        Refused("tokenizer_config.json", "</s>");
    }

    [Theory]
    [InlineData("h e l")]
    [InlineData("he")]
    public void Load_LineThatIsNoPair_IsNamed(string line)
    {
        WriteParts("vocab.json", "merges.txt");
        Write("config.json", """{"model_type":"gpt2"}""");
        Write("merges.txt", "h e\n" + line);
        Refused("merges.txt", line);
    }

    private static readonly string[] Merges = ["Ġ t", "h e", "he l"];

    /// <summary>The printable characters first, from !, as in the published vocabularies.</summary>
    private static JsonObject Vocabulary()
    {
        var vocabulary = new JsonObject();
        foreach (var c in new[] { (33, 94), (161, 12), (174, 82), (256, 68) }.SelectMany(r => Enumerable.Range(r.Item1, r.Item2)))
            vocabulary[((char)c).ToString()] = vocabulary.Count;
        foreach (var token in (string[])["<|endoftext|>", "Ġt", "he", "hel"]) vocabulary[token] = vocabulary.Count;
        return vocabulary;
    }

    private void WriteParts(string vocabulary, string merges)
    {
        Write(vocabulary, Vocabulary().ToJsonString());
        Write(merges, "#version: 0.2\n" + string.Join('\n', Merges) + '\n');
    }

    private void WriteJson(Action<JsonObject> edit)
    {
        var json = new JsonObject
        {
            ["added_tokens"] = JsonNode.Parse("""
                [{"id":256,"content":"<|endoftext|>","special":true},{"id":260,"content":"<note>","special":false}]
                """),
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["continuing_subword_prefix"] = "",
                ["byte_fallback"] = false,
                ["vocab"] = Vocabulary(),
                ["merges"] = new JsonArray([.. Merges.Select(m => JsonValue.Create(m))]),
            },
        };
        edit(json);
        Write("tokenizer.json", json.ToJsonString());
    }

    private static void Qwen(JsonObject json)
    {
        json["normalizer"] = JsonNode.Parse("""{"type":"NFC"}""");
        json["pre_tokenizer"] = JsonNode.Parse("""
            {"type":"Sequence","pretokenizers":[
              {"type":"Split","pattern":{"Regex":"\\p{N}|\\p{L}+|[^\\p{L}\\p{N}]+"},"behavior":"Isolated","invert":false},
              {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}]}
            """);
    }

    private void Write(string name, string content) => File.WriteAllText(_folder.File(name), content);

    private void Edit(string name, Action<JsonObject> edit)
    {
        var json = JsonNode.Parse(File.ReadAllText(_folder.File(name)))!.AsObject();
        edit(json);
        Write(name, json.ToJsonString());
    }

    private void Refused(string file, string named)
    {
        var error = Assert.Throws<ModelFileException>(() => TextTokenizer.Load(_folder.Path));
        Assert.StartsWith(_folder.File(file), error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message);
    }
}
