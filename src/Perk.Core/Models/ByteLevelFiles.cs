using System.Globalization;
using System.Text.Json;

namespace Perk.Core.Models;

/// <summary>Finds and reads the files of a byte-level BPE in a Hugging Face model folder.</summary>
internal static class ByteLevelFiles
{
    private const string Fast = "tokenizer.json", Vocabulary = "vocab.json", Merges = "merges.txt";
    private const string FirstVocabulary = "encoder.json", FirstMerges = "vocab.bpe"; // the names of GPT-2's first release
    private const string Settings = "tokenizer_config.json", AddedTokens = "added_tokens.json";
    private const string EndOfText = "<|endoftext|>";

    /// <summary>Those that may say which token ends a text, the first of them first.</summary>
    private static readonly string[] Generation = ["generation_config.json", "config.json"];

    /// <summary>Whether a folder has such files.</summary>
    internal static bool IsIn(string folder) => Defining(folder) is not null;

    /// <summary>All files that have a say, for hashing.</summary>
    internal static IReadOnlyList<string> FilesIn(string folder)
    {
        string[] beside = [AddedTokens, Settings, .. Generation];
        return [.. Defining(folder)!, .. beside.Select(name => Path.Combine(folder, name)).Where(File.Exists)];
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="ModelFileException">A file is damaged, or the tokenizer is of another kind.</exception>
    internal static ByteLevelModel Read(string folder)
    {
        var settings = Find(folder, Settings);
        settings?.Refuse("add_prefix_space", v => v.ValueKind == JsonValueKind.True, "a space before the text is not supported");
        var model = Defining(folder) switch
        {
            [var json] => TokenizerJson.Read(json),
            [var vocabulary, var merges] => VocabularyAndMerges.Read(vocabulary, merges, FamilyOf(folder, settings, vocabulary)),
            _ => throw new InvalidOperationException($"{folder} has no byte-level BPE."),
        };
        var added = new Dictionary<int, AddedToken>(model.Added);
        foreach (var (id, token) in AddedIn(folder, settings)) added.TryAdd(id, token);
        model = model with { Added = added };
        return model with { EosId = EosOf(folder, settings, model) };
    }

    private static string[]? Defining(string folder)
    {
        string[][] choices = [[Fast], [Vocabulary, Merges], [FirstVocabulary, FirstMerges]];
        var paths = choices.Select(names => names.Select(n => Path.Combine(folder, n)).ToArray());
        return paths.FirstOrDefault(files => files.All(File.Exists));
    }

    private static ConfigFields? Find(string folder, string name) =>
        Path.Combine(folder, name) is var path && File.Exists(path) ? ConfigFields.Read(path) : null;

    /// <summary>
    /// Vocabulary and merges alone do not tell how text is cut into words: the tokenizer's class does, or the model's type.
    /// </summary>
    private static TokenizerFamily FamilyOf(string folder, ConfigFields? settings, string vocabulary)
    {
        var named = settings?.TextOrNull("tokenizer_class") ?? Find(folder, "config.json")?.TextOrNull("model_type");
        return named switch
        {
            "GPT2Tokenizer" or "GPT2TokenizerFast" or "gpt2" => TokenizerFamily.Gpt2,
            "Qwen2Tokenizer" or "Qwen2TokenizerFast" or "qwen2" => TokenizerFamily.Qwen2,
            null when Path.GetFileName(vocabulary) == FirstVocabulary => TokenizerFamily.Gpt2,
            _ => throw new ModelFileException(vocabulary,
                $"is a vocabulary of the kind '{named ?? "unknown"}'; GPT2Tokenizer and Qwen2Tokenizer are supported, "
                + $"named by tokenizer_class in {Settings} or model_type in config.json (or a {Fast})."),
        };
    }

    private static IEnumerable<KeyValuePair<int, AddedToken>> AddedIn(string folder, ConfigFields? settings)
    {
        foreach (var (id, fields) in settings?.Inner("added_tokens_decoder")?.Objects() ?? [])
        {
            if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                throw new ModelFileException(
                    Path.Combine(folder, Settings), $"added_tokens_decoder has the id '{id}'; expected a whole number from 0.");
            }

            yield return new(number, new AddedToken(fields.Text("content"), fields.Flag("special", false)));
        }

        foreach (var (content, id) in Find(folder, AddedTokens)?.Numbers() ?? [])
            yield return new(id, new AddedToken(content, Special: true));
    }

    private static int EosOf(string folder, ConfigFields? settings, ByteLevelModel model)
    {
        if (settings?.TextOrContent("eos_token") is { } eos)
        {
            return model.IdOf(eos) ?? throw new ModelFileException(
                Path.Combine(folder, Settings), $"eos_token is '{eos}', which is no token of {model.File}.");
        }

        foreach (var name in Generation)
        {
            if (Find(folder, name)?.FirstNumber("eos_token_id") is { } id) return id;
        }

        return model.IdOf(EndOfText) ?? throw new ModelFileException(model.File,
            "no token is known to end a text; "
            + $"expected eos_token in {Settings}, eos_token_id in config.json or a token {EndOfText}.");
    }
}

/// <summary>Tokenizers that are known by name.</summary>
internal enum TokenizerFamily
{
    Gpt2,
    Qwen2,
}
