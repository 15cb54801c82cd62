using Perk.Core.Lora;
using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Whether a loaded model computes.</summary>
internal static class Forward
{
    /// <summary>Reads a few tokens, with an adapter or without one, and asks for the scores' shape.</summary>
    public static void Require(CausalLM model, Adapter? adapter = null)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        long[] tokens = [.. Enumerable.Range(0, Math.Min(3, model.MaxPositions)).Select(i => (long)Math.Min(i, model.VocabularySize - 1))];
        var logits = UnusableException.Unless("a forward pass", () => model.Logits(model.Hidden(tensor(tokens).unsqueeze(0), adapter)));
        UnusableException.Require(logits.shape.SequenceEqual([1, tokens.Length, model.VocabularySize]), $"its scores have shape ({string.Join(", ", logits.shape)})");
    }
}
