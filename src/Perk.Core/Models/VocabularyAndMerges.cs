namespace Perk.Core.Models;

/// <summary>
/// Reads a byte-level BPE from its vocabulary (a JSON object of tokens and ids) and its merges (a pair a line).
/// </summary>
internal static class VocabularyAndMerges
{
    /// <exception cref="ModelFileException">A file is damaged.</exception>
    internal static ByteLevelModel Read(string vocabulary, string merges, TokenizerFamily family)
    {
        var pairs = new List<string>();
        foreach (var line in Lines(merges))
        {
            if (line.Length == 0 || (pairs.Count == 0 && line.StartsWith("#version", StringComparison.Ordinal))) continue;
            if (line.Split(' ') is not [{ Length: > 0 }, { Length: > 0 }])
                throw new ModelFileException(merges, $"line '{line}' is not two tokens with a space between.");
            pairs.Add(line);
        }

        var qwen = family == TokenizerFamily.Qwen2;
        var pattern = qwen ? WordPattern.Qwen2 : WordPattern.Gpt2;
        return new ByteLevelModel(vocabulary, ConfigFields.Read(vocabulary).Numbers(), pairs, pattern, Nfc: qwen);
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException(path, $"cannot be read: {e.Message}", e);
        }
    }
}
