using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;

namespace Perk.Core.Evaluation;

/// <summary>
/// How much an adapter lowers the loss on the text it was made from, against a control text it has not seen: what it remembers
/// of the text itself, beyond the language and style that both share.
/// </summary>
/// <param name="Before">Mean over segments of the loss per token in nats without the adapter, on the encoded text.</param>
/// <param name="After">The same with the adapter.</param>
/// <param name="ControlBefore">Without the adapter, on the control text.</param>
/// <param name="ControlAfter">With the adapter, on the control text.</param>
/// <param name="Difference">
/// The fall on segment i of the encoded text less the fall on segment i of the control, over as many segments as both have.
/// </param>
/// <param name="Pairs">How many that is.</param>
public sealed record LossFall(double Before, double After, double ControlBefore, double ControlAfter, MeanInterval Difference, int Pairs)
{
    /// <summary>Measures on the calling thread.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="adapter">The adapter of the encoded text.</param>
    /// <param name="encoded">The encoded text's segments.</param>
    /// <param name="control">Another text's segments.</param>
    /// <param name="seed">Decides the resamples of the interval.</param>
    /// <param name="cancel">Checked before each forward pass.</param>
    /// <exception cref="ArgumentException">A text has fewer than two segments.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static LossFall Measure(
        CausalLM model, Adapter adapter, IReadOnlyList<TokenSegment> encoded, IReadOnlyList<TokenSegment> control, int seed, CancellationToken cancel = default)
    {
        double[] Losses(Adapter? with, IReadOnlyList<TokenSegment> segments) => SegmentLoss.Measure(model, with, segments, cancel: cancel);

        var (before, after) = (Losses(null, encoded), Losses(adapter, encoded));
        var (controlBefore, controlAfter) = (Losses(null, control), Losses(adapter, control));
        var pairs = Math.Min(encoded.Count, control.Count);
        double[] differences = [.. Enumerable.Range(0, pairs).Select(i => before[i] - after[i] - (controlBefore[i] - controlAfter[i]))];
        return new LossFall(
            before.Average(), after.Average(), controlBefore.Average(), controlAfter.Average(), Bootstrap.Mean(differences, seed), pairs);
    }
}
