using Perk.Core.Models;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>Writes several contexts at once and decodes the answers to their questions at once: validation while training.</summary>
public static class BatchAnswers
{
    /// <summary>The greedy answers.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="meta">The meta-parameters; stay as they are.</param>
    /// <param name="problems">The segments and the prompts of each problem, at least one of each.</param>
    /// <param name="inner">How contexts are written.</param>
    /// <param name="decoding">When an answer ends.</param>
    /// <param name="cancel">Checked before each micro-batch and token.</param>
    /// <returns>The new tokens of each prompt of each problem.</returns>
    public static IReadOnlyList<IReadOnlyList<int[]>> Decode(
        CausalLM model, MetaParameters meta, IReadOnlyList<(IReadOnlyList<TokenSegment> Segments, IReadOnlyList<int[]> Prompts)> problems,
        InnerLoopOptions inner, DecodingOptions decoding, CancellationToken cancel = default)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var adapter = InnerLoop.Run(model, meta, [.. problems.Select(p => p.Segments)], inner, 0, cancel: cancel).Adapter;
        // Every problem gets as many rows: one with fewer asks its last question again.
        var rows = problems.Max(p => p.Prompts.Count);
        int[][] prompts = [.. problems.SelectMany(p => Enumerable.Range(0, rows).Select(i => p.Prompts[Math.Min(i, p.Prompts.Count - 1)]))];
        var decoded = GreedyDecoder.Decode(model, adapter, prompts, decoding, cancel);
        return [.. problems.Select((p, i) => (IReadOnlyList<int[]>)[.. decoded.Skip(i * rows).Take(p.Prompts.Count)])];
    }
}
