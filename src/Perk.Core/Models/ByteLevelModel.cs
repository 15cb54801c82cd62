namespace Perk.Core.Models;

/// <summary>A byte-level BPE as its files define it.</summary>
/// <param name="File">The file that errors name.</param>
/// <param name="Vocabulary">Tokens, written in the alphabet of <see cref="ByteLevelAlphabet"/>, and their ids.</param>
/// <param name="Merges">Pairs of tokens with a space between, the first to be merged first.</param>
/// <param name="Pattern">The expression that cuts text into words.</param>
/// <param name="Nfc">Whether text is brought into Unicode's form NFC first.</param>
internal sealed record ByteLevelModel(
    string File, IReadOnlyDictionary<string, int> Vocabulary, IReadOnlyList<string> Merges, string Pattern, bool Nfc)
{
    /// <summary>Tokens beside the vocabulary, by id.</summary>
    public IReadOnlyDictionary<int, AddedToken> Added { get; init; } = new Dictionary<int, AddedToken>();

    /// <summary>The id that ends a sequence.</summary>
    public int EosId { get; init; }

    /// <summary>The id of a token by its literal text, or null.</summary>
    public int? IdOf(string content)
    {
        foreach (var (id, token) in Added)
        {
            if (token.Content == content) return id;
        }

        return Vocabulary.TryGetValue(content, out var found) ? found : null;
    }
}

/// <summary>A token that merging never makes.</summary>
/// <param name="Content">Its text.</param>
/// <param name="Special">Whether it is a mark for the model and no part of a text.</param>
internal readonly record struct AddedToken(string Content, bool Special);
