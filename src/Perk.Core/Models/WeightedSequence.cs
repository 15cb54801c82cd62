namespace Perk.Core.Models;

/// <summary>Token ids to be trained on.</summary>
/// <param name="Ids">The ids.</param>
/// <param name="Weights">How much the loss of each token weighs; 0 for none, and always 0 for the first, which nothing predicts.</param>
public sealed record WeightedSequence(int[] Ids, float[] Weights)
{
    /// <summary>A prompt without loss and what follows with it.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="target">What follows.</param>
    /// <param name="weights">The weights of the target's tokens; null for 1.</param>
    public static WeightedSequence Of(int[] prompt, int[] target, float[]? weights = null)
    {
        float[] all = [.. new float[prompt.Length], .. weights ?? Enumerable.Repeat(1f, target.Length)];
        if (prompt.Length == 0) all[0] = 0;
        return new WeightedSequence([.. prompt, .. target], all);
    }
}
