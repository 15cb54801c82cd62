using Perk.Core.Lora;
using Perk.Core.Models;

namespace Perk.Core.MetaLearning;

/// <summary>How many segments fit into memory at once.</summary>
public static class MicroBatch
{
    /// <summary>Of what is kept for the backward pass, how much more is alive for a moment: gradients and work space.</summary>
    private const double Headroom = 2.0;

    /// <summary>
    /// An upper estimate of the bytes that one token with loss needs in one forward and backward pass: inputs and outputs of every
    /// projection and the rank's in between, eight more residual-stream values a layer, four times the logits.
    /// </summary>
    public static long BytesPerToken(CausalLM model, LoraOptions lora)
    {
        var projections = model.LinearModules.Sum(m => (long)m.In + m.Out + 2 * lora.Rank);
        var values = projections + 8L * model.HiddenSize * model.Layers + 4L * model.VocabularySize;
        return (long)(Headroom * sizeof(float) * values);
    }

    /// <summary>The bytes that do not depend on the micro-batch: the adapter, its gradients, the optimizer's state before and after.</summary>
    public static long FixedBytes(CausalLM model, LoraOptions lora) =>
        8L * sizeof(float) * lora.Select(model.LinearModules).Sum(m => (long)lora.Rank * (m.In + m.Out));

    /// <summary>The most segments in one micro-batch that stay within a memory limit, the weights not counted.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="lora">The adapter's shape.</param>
    /// <param name="tokensPerSegment">The longest segment, prefix included.</param>
    /// <param name="bytes">The limit.</param>
    /// <param name="most">Never more than this.</param>
    /// <exception cref="ArgumentException">Not even one segment fits; the message says what does.</exception>
    public static int Fit(CausalLM model, LoraOptions lora, int tokensPerSegment, long bytes, int most)
    {
        var perSegment = BytesPerToken(model, lora) * tokensPerSegment;
        var available = bytes - FixedBytes(model, lora);
        if (available < perSegment)
        {
            throw new ArgumentException($"A memory limit of {bytes >> 20} MiB is too small for one segment of {tokensPerSegment} tokens; "
                + $"give at least {((FixedBytes(model, lora) + perSegment) >> 20) + 1} MiB or use shorter segments.");
        }

        return (int)Math.Min(most, available / perSegment);
    }
}
