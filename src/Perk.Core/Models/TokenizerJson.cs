using System.Text.Json;

namespace Perk.Core.Models;

/// <summary>
/// Reads a byte-level BPE from Hugging Face's <c>tokenizer.json</c> and refuses everything else that may stand there.
/// </summary>
internal static class TokenizerJson
{
    /// <exception cref="ModelFileException">
    /// The file is damaged, or its tokenizer is of another kind; the message says which.
    /// </exception>
    internal static ByteLevelModel Read(string path)
    {
        var fields = ConfigFields.Read(path);
        var model = fields.Inner("model") ?? throw new ModelFileException(path, "model is missing; expected an object.");
        model.Refuse("type", v => !v.Is("BPE"), "only byte-level BPE is supported");
        model.Refuse("byte_fallback", IsTrue, "this is not a byte-level BPE");
        model.Refuse("ignore_merges", IsTrue, "whole words without merges are not supported");
        model.Refuse("dropout", v => v.ValueKind != JsonValueKind.Null, "it is not supported");
        foreach (var affix in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            model.Refuse(affix, v => v.ValueKind != JsonValueKind.Null && !v.Is(""), "this is not a byte-level BPE");

        var normalizer = fields.Inner("normalizer");
        if (normalizer is not null && normalizer.Text("type") != "NFC")
            throw new ModelFileException(path, $"the normalizer is {normalizer.Text("type")}; only NFC is supported.");
        return new ByteLevelModel(
            path,
            (model.Inner("vocab") ?? throw new ModelFileException(path, "vocab is missing; expected an object.")).Numbers(),
            Merges(path, model),
            Pattern(path, fields.Inner("pre_tokenizer")),
            Nfc: normalizer is not null)
        {
            Added = Added(path, fields),
        };
    }

    private static Dictionary<int, AddedToken> Added(string path, ConfigFields fields)
    {
        var added = new Dictionary<int, AddedToken>();
        foreach (var token in fields.ObjectList("added_tokens"))
        {
            var id = token.FirstNumber("id") ?? throw new ModelFileException(path, "an added token has no id.");
            if (!added.TryAdd(id, new AddedToken(token.Text("content"), token.Flag("special", false))))
                throw new ModelFileException(path, $"two added tokens have the id {id}.");
        }

        return added;
    }

    /// <summary>Pairs, written <c>"a b"</c> or <c>["a", "b"]</c>.</summary>
    private static List<string> Merges(string path, ConfigFields model) => [.. model.List("merges").Select(merge =>
    {
        if (merge.ValueKind == JsonValueKind.String && merge.GetString()!.Split(' ') is [{ Length: > 0 }, { Length: > 0 }])
            return merge.GetString()!;
        if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 && merge.EnumerateArray().All(IsToken))
            return $"{merge[0].GetString()} {merge[1].GetString()}";
        throw new ModelFileException(path, $"the merge {Excerpt.Of(merge)} is not a pair of tokens.");
    })];

    /// <summary>Byte-level with GPT-2's expression, or an expression of its own before it.</summary>
    private static string Pattern(string path, ConfigFields? cut)
    {
        if (cut is null) throw new ModelFileException(path, "pre_tokenizer is missing; expected a byte-level one.");
        if (cut.Text("type") == "ByteLevel") return Checked(cut).Flag("use_regex", true) ? WordPattern.Gpt2 : throw Other();
        if (cut.Text("type") != "Sequence" || cut.ObjectList("pretokenizers") is not [var split, var bytes]) throw Other();
        if (split.Text("type") != "Split" || bytes.Text("type") != "ByteLevel") throw Other();
        if (Checked(bytes).Flag("use_regex", true)) throw Other();
        split.Refuse("behavior", v => !v.Is("Isolated"), "only isolated words are supported");
        split.Refuse("invert", IsTrue, "it is not supported");
        return split.Inner("pattern")?.TextOrNull("Regex") ?? throw Other();

        static ConfigFields Checked(ConfigFields bytes)
        {
            bytes.Refuse("add_prefix_space", IsTrue, "a space before the text is not supported");
            return bytes;
        }

        ModelFileException Other() => new(
            path,
            "the pre_tokenizer is of another kind than GPT-2's (ByteLevel) and Qwen2.5's (Split by an expression, then ByteLevel).");
    }

    private static bool IsTrue(JsonElement value) => value.ValueKind == JsonValueKind.True;

    private static bool IsToken(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } token
        && !token.Contains(' ', StringComparison.Ordinal);
}
