using Perk.Core.Models;

namespace Perk.Core.Training;

/// <summary>Tokens that mean nothing.</summary>
internal static class RandomTokens
{
    /// <summary>A token that does not end a text.</summary>
    internal static int RandomToken(this TextTokenizer tokenizer, Random random)
    {
        while (true)
            if (random.Next(tokenizer.VocabularySize) is var id && id != tokenizer.EosId) return id;
    }
}
