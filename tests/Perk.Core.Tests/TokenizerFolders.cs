using System.IO.Compression;
using Perk.Core.Models;

[assembly: AssemblyFixture(typeof(Perk.Core.Tests.TokenizerFolders))]

namespace Perk.Core.Tests;

/// <summary>The tokenizers of GPT-2 and Qwen2.5 as model folders, unpacked from the fixtures when first asked for.</summary>
public sealed class TokenizerFolders : IDisposable
{
    private readonly TemporaryFolder _gpt2 = new(), _qwen2 = new();
    private readonly Lazy<TextTokenizer> _loadedGpt2, _loadedQwen2;

    public TokenizerFolders()
    {
        _loadedGpt2 = new Lazy<TextTokenizer>(() =>
        {
            Unpack("gpt2-tokenizer", "encoder.json", _gpt2);
            Unpack("gpt2-tokenizer", "vocab.bpe", _gpt2);
            return TextTokenizer.Load(_gpt2.Path);
        });
        _loadedQwen2 = new Lazy<TextTokenizer>(() =>
        {
            Unpack("qwen2.5-tokenizer", "vocab.json", _qwen2);
            Unpack("qwen2.5-tokenizer", "merges.txt", _qwen2);
            File.WriteAllText(_qwen2.File("tokenizer_config.json"), QwenSettings);
            return TextTokenizer.Load(_qwen2.Path);
        });
    }

    public TextTokenizer Gpt2 => _loadedGpt2.Value;

    public TextTokenizer Qwen2 => _loadedQwen2.Value;

    public string Gpt2Folder => Gpt2 is not null ? _gpt2.Path : "";

    public string Qwen2Folder => Qwen2 is not null ? _qwen2.Path : "";

    public void Dispose()
    {
        _gpt2.Dispose();
        _qwen2.Dispose();
    }

    /// <summary>
    /// The parts of Qwen2.5's own file that a tokenizer needs, with its first and last special tokens and one that is none.
    /// </summary>
    private const string QwenSettings = """
        {
          "add_prefix_space": false,
          "added_tokens_decoder": {
            "151643": { "content": "<|endoftext|>", "special": true },
            "151644": { "content": "<|im_start|>", "special": true },
            "151645": { "content": "<|im_end|>", "special": true },
            "151657": { "content": "<tool_call>", "special": false },
            "151664": { "content": "<|file_sep|>", "special": false }
          },
          "bos_token": null,
          "eos_token": "<|endoftext|>",
          "tokenizer_class": "Qwen2Tokenizer"
        }
        """;

    private static void Unpack(string folder, string name, TemporaryFolder into)
    {
        var path = RepositoryFiles.Fixture(folder, name + ".gz");
        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var unpacked = File.Create(into.File(name));
        packed.CopyTo(unpacked);
    }
}
