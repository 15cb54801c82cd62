using System.Text;
using Microsoft.ML.Tokenizers;

namespace Perk.Core.Models;

/// <summary>A byte-level BPE: GPT-2's or Qwen2.5's.</summary>
internal sealed class ByteLevelTextTokenizer : TextTokenizer
{
    private const int MostIds = 1 << 22; // A damaged file may ask for a table of any size.
    private readonly BpeTokenizer _tokenizer;
    private readonly TokenBytes _bytes;
    private readonly bool _nfc;

    /// <exception cref="ModelFileException">The files do not make a byte-level BPE that can hold every text.</exception>
    internal ByteLevelTextTokenizer(ByteLevelModel model)
    {
        EosId = model.EosId;
        _nfc = model.Nfc;
        _bytes = BytesOf(model);
        try
        {
            // The library is told of no special token: it would find it in the text.
            _tokenizer = BpeTokenizer.Create(new BpeOptions(model.Vocabulary)
            {
                Merges = model.Merges,
                ByteLevel = true,
                PreTokenizer = new WordPattern(model.Pattern),
            });
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new ModelFileException(model.File, $"this is not a byte-level BPE: {e.Message}", e);
        }
    }

    public override int? BosId => null;

    public override int EosId { get; }

    public override int VocabularySize => _bytes.Count;

    public override int[] Encode(string text)
    {
        if (text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        if (_nfc) text = text.Normalize(NormalizationForm.FormC);
        return [.. _tokenizer.EncodeToIds(text, considerNormalization: false)];
    }

    public override string Decode(IEnumerable<int> ids) => _bytes.Decode(ids, dropLeadingSpace: false);

    private static TokenBytes BytesOf(ByteLevelModel model)
    {
        int[] ids = [.. model.Vocabulary.Values, .. model.Added.Keys, model.EosId];
        if (ids.Max() >= MostIds)
            throw new ModelFileException(model.File, $"has the token id {ids.Max()}; expected 0 to {MostIds - 1}.");

        var bytes = new TokenBytes(ids.Max() + 1);
        // A token outside the alphabet is never made from text; it reads as it is written.
        foreach (var (token, id) in model.Vocabulary)
            bytes.Set(id, ByteLevelAlphabet.BytesOf(token) ?? Encoding.UTF8.GetBytes(token));
        foreach (var (character, value) in ByteLevelAlphabet.Characters)
        {
            if (!model.Vocabulary.TryGetValue(character.ToString(), out var id))
            {
                throw new ModelFileException(
                    model.File, $"has no token '{character}' for the byte {value}, so it cannot hold every text.");
            }

            bytes.SetByte(id, value);
        }

        foreach (var (id, token) in model.Added) bytes.Set(id, token.Special ? [] : Encoding.UTF8.GetBytes(token.Content));
        bytes.Set(model.EosId, []);
        return bytes;
    }
}
